export * from './ban.ts';
export * from './guard-settings.ts';
export * from './node-bans.ts';
export * from './rule.ts';
export * from './suspects-message.ts';
export * from './suspicion-class.ts';
