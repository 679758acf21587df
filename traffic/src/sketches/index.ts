export * from './heavy-hitters.ts';
export * from './merge-top-lists.ts';
