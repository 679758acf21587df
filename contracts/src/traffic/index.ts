export * from './top-list.ts';
