export * from './addresses/index.ts';
export * from './limiter/index.ts';
export * from './rules/index.ts';
export * from './sketches/index.ts';
export * from './access-record.ts';
export * from './parse/parse-line-head.ts';
export { decideClasses } from './classify/decide-classes.ts';
export { isLoginPath, isScannerAgent, isSensitivePath } from './classify/sensitive-paths.ts';
export * from './parse/parse-flotilla-line.ts';
