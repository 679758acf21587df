export * from './container-metrics.ts';
export * from './host-metrics.ts';
export * from './metric-definition.ts';
export * from './series-name.ts';
