export * from './bus/index.ts';
export * from './heartbeat-timing.ts';
export * from './http/index.ts';
export * from './metrics/index.ts';
export * from './proxy/index.ts';
export * from './replicas/index.ts';
export * from './tasks/index.ts';
export * from './values/index.ts';
