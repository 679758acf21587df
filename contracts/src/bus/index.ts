export * from './dead-letters.ts';
export * from './events.ts';
export * from './presence.ts';
export * from './streams.ts';
export * from './subjects.ts';
