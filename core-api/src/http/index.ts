export * from './answer-errors.ts';
export * from './bearer-token.ts';
export * from './handle.ts';
export * from './mount-routes.ts';
export * from './problems.ts';
export * from './rate-limit.ts';
export * from './request-parties.ts';
