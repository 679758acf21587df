import { isContainerTarget, isReplicaTarget, type Target } from '@flotilla/contracts';

/** `web:80` for a container, `replicas:80` for the service’s own, `10.0.0.5:3000` or `[2001:db8::1]:3000` for a host. */
export function formatTarget(target: Target): string {
  if (isContainerTarget(target)) return `${target.container}:${target.port}`;
  if (isReplicaTarget(target)) return `replicas:${target.port}`;
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}
