export * from './access-record.ts';
export * from './parse/parse-line-head.ts';
