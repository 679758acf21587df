export * from './latency-histogram.ts';
export * from './heavy-hitters.ts';
export * from './merge-top-lists.ts';
