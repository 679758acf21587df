import { isContainerTarget, isReplicaTarget, type Target } from '@flotilla/contracts';

/**
 * `web:80` for a container, `10.0.0.5:3000` or `[2001:db8::1]:3000` for a host.
 * @param nameReplicas what the service's own replicas are called, in the reader's language
 */
export function formatTarget(target: Target, nameReplicas: (port: number) => string): string {
  if (isContainerTarget(target)) return `${target.container}:${target.port}`;
  if (isReplicaTarget(target)) return nameReplicas(target.port);
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}
