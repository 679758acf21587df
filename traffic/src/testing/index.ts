export * from './build-line.ts';
