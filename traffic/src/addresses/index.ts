export * from './cidr.ts';
export * from './client-network.ts';
export * from './format-address.ts';
export * from './never-banned.ts';
export * from './parse-address.ts';
