import type { ScalingPolicy, ServiceLoad } from '@flotilla/contracts';
import type { ScalingState } from './scaling-state.ts';

/** The newest that a node told of a service. Times are milliseconds since the epoch by the Core's clock. */
export interface NodeSample {
  readonly sampledAt: number;
  readonly intervalMs: number;
  readonly load: ServiceLoad;
}

/** A node that a service has replicas on, or is to have. */
export interface ScaledNode {
  /** Replicas that the Core asks it for. */
  readonly wanted: number;
  /** Null when it has told nothing yet. */
  readonly sample: NodeSample | null;
}

/** What a number of replicas is decided on. The order of the nodes does not matter. */
export interface ScalingInput {
  readonly policy: ScalingPolicy;
  /** Another one for each version of the policy: spans that a threshold has lasted begin anew with it. */
  readonly policyKey: string;
  /** Replicas that are asked for now, over all nodes. */
  readonly wanted: number;
  readonly nodes: readonly ScaledNode[];
  /** Most replicas that the nodes have room for (`countCapacity`); null when that is not known. */
  readonly capacity: number | null;
  /** What the evaluation before returned, with `recordScale` applied for what was done; null for the first one. */
  readonly state: ScalingState | null;
}

/** A sample older than so many of its intervals tells nothing any more, and ends a span that a threshold has lasted. */
export const STALE_AFTER_INTERVALS = 3;
