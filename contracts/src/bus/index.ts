export * from './dead-letters.ts';
export * from './events.ts';
export * from './metrics-message.ts';
export * from './partitions.ts';
export * from './presence.ts';
export * from './streams.ts';
export * from './subjects.ts';
export * from './worker-report.ts';
