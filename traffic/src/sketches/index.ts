export * from './hash-bytes.ts';
export * from './heavy-hitters.ts';
export * from './latency-histogram.ts';
export * from './merge-top-lists.ts';
