import { z } from 'zod';
import { host } from '../values/host.ts';
import { containerName } from '../values/identifiers.ts';
import { port } from '../values/port.ts';

/** How nginx treats one server of an upstream; names and defaults follow ngx_http_upstream_module. */
const upstreamServerOptions = {
  weight: z.number().int().min(1).max(1000).default(1),
  /** Failures within `failTimeoutMs` after which the server is left out for `failTimeoutMs`; 0 never leaves it out. */
  maxFails: z.number().int().min(0).max(1000).default(1),
  failTimeoutMs: z.number().int().min(1000).max(3_600_000).default(10_000),
  /** Used only when the others are unavailable. */
  backup: z.boolean().default(false),
};

export const hostTarget = z.strictObject({ host, port, ...upstreamServerOptions });
export type HostTarget = z.infer<typeof hostTarget>;

/** `port` is the port inside the container; the agent finds the address and follows it through restarts. */
export const containerTarget = z.strictObject({ container: containerName, port, ...upstreamServerOptions });
export type ContainerTarget = z.infer<typeof containerTarget>;

/** The service's own replicas: all that are ready take requests on `port`, inside their containers. */
export const replicaTarget = z.strictObject({ replicas: z.literal(true), port, ...upstreamServerOptions });
export type ReplicaTarget = z.infer<typeof replicaTarget>;

/** Where requests go: `{ host, port }`, `{ container, port }` or `{ replicas: true, port }`. */
export const target = z.union([hostTarget, containerTarget, replicaTarget]);
export type Target = z.infer<typeof target>;

export function isContainerTarget(value: Target): value is ContainerTarget {
  return 'container' in value;
}

export function isReplicaTarget(value: Target): value is ReplicaTarget {
  return 'replicas' in value;
}
