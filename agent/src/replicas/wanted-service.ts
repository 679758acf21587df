import type { ReplicaSettings } from '@flotilla/contracts';

/** What this node is to run for one service. */
export interface WantedService {
  readonly serviceId: string;
  readonly serviceRevision: number;
  /** Which change of the number `count` is. */
  readonly scaleRevision: number;
  readonly count: number;
  readonly settings: ReplicaSettings;
  /** Hash of what makes its containers what they are. */
  readonly specification: string;
  /** Ports inside the containers that requests go to, the one that answers for the replica first; none for a redirect. */
  readonly ports: readonly number[];
}

/** A number of replicas that was asked for apart from the service's settings. */
export interface Scale {
  readonly scaleRevision: number;
  readonly count: number;
}
