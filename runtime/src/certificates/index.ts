export * from './make-certificate.ts';
export * from './read-pair.ts';
