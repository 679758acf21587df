export { createProxy } from './create-proxy.ts';
export type {
  ApplyOutcome,
  ApplyStep,
  ContainerResolution,
  Endpoint,
  NginxMode,
  Proxy,
  ProxyDeps,
  ProxySettings,
  ProxyStatus,
  ResolveContainer,
} from './proxy.ts';
