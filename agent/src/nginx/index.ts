export { createProxy } from './create-proxy.ts';
export type { Proxy, ProxySettings } from './proxy.ts';
