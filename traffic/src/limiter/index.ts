export * from './request-limiter.ts';
export * from './volume-watch.ts';
