export * from './latency-counts.ts';
export * from './top-list.ts';
export * from './traffic-message.ts';
