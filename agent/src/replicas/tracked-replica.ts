import type { ProbeComplaint } from './probe-replica.ts';

/**
 * A replica's life as this agent sees it:
 *
 *     pulling ─▶ starting ─▶ ready ⇄ unready ─▶ draining ─▶ stopping ─▶ (gone)
 *         └────────┴───────────┴────────┴─▶ dead ─▶ (gone)
 */
export type ReplicaPhase = 'pulling' | 'starting' | 'ready' | 'unready' | 'dead' | 'draining' | 'stopping';

/** Its process is there, as far as is known, and is to go on. */
export function isAlive(phase: ReplicaPhase): boolean {
  return phase === 'starting' || phase === 'ready' || phase === 'unready';
}

export interface TrackedReplica {
  readonly name: string;
  readonly specification: string;
  /** Docker's full id; null before the container is made. */
  containerId: string | null;
  phase: ReplicaPhase;
  /** When the phase began, in milliseconds of the controller's clock. */
  since: number;
  /** Since when it takes requests; null when it did before this agent began, or does not. */
  readySince: number | null;
  /** Found and not made by this agent, and not asked yet how it does. */
  isUnasked: boolean;
  isBeingProbed: boolean;
  /** Probes in a row that it did not pass. */
  failedProbes: number;
  nextProbeAt: number;
  /** What its last probe said instead of "ready"; null when there is nothing to say. */
  complaint: ProbeComplaint | null;
  /** When its process was started, as Docker tells it; null before. */
  startedAt: string | null;
  /** Ends the work that is being done for it. */
  readonly ending: AbortController;
}

export function trackReplica(
  name: string,
  specification: string,
  change: Partial<TrackedReplica> & Pick<TrackedReplica, 'phase' | 'since'>,
): TrackedReplica {
  return {
    name,
    specification,
    containerId: null,
    readySince: null,
    isUnasked: false,
    isBeingProbed: false,
    failedProbes: 0,
    nextProbeAt: change.since,
    complaint: null,
    startedAt: null,
    ending: new AbortController(),
    ...change,
  };
}
