export * from './suspicion-class.ts';
