export * from './load-message.ts';
export * from './scaling-decision.ts';
export * from './scaling-policy.ts';
