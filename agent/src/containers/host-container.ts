import type { ObservedContainer } from '@flotilla/contracts';

/** A container of this host: what is reported of it, and what only the agent needs. */
export interface HostContainer {
  readonly observed: ObservedContainer;
  /** Docker's network mode: a network's name, `host`, `none` or `container:<id>`. */
  readonly networkMode: string;
  /** Labels that say where it tells figures of its own, as they are; null without one. */
  readonly metricsLabels: { readonly path: string | null; readonly port: string | null };
  /** Id of the service that it is a replica of; null for every other container. */
  readonly replicaOf: string | null;
}

/** Whether Docker can be asked, in the words of the agent's facts. */
export interface DockerStatus {
  readonly available: boolean;
  readonly version: string | null;
  /** Why not; null when it is available. */
  readonly reason: string | null;
}

/** Where nginx is, seen from containers. */
export type NginxPlace =
  | { readonly kind: 'host' }
  /** In a container, whose networks decide what it reaches. */
  | { readonly kind: 'container'; readonly name: string };
