export * from './basic-auth.ts';
export * from './desired-state.ts';
export * from './site-settings.ts';
export * from './target.ts';
