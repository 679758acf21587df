import type { ReplicaOutlook } from './decide-replica-outlook.ts';

/** Replicas over all nodes. */
export interface ReplicaSum {
  /** On the nodes that tell. */
  readonly ready: number;
  /** Null while some node has told nothing: what it is asked for is not known then. */
  readonly wanted: number | null;
  /** Every node tells; otherwise more may be ready than are counted. */
  readonly isWhole: boolean;
}

export function planReplicaSum(outlooks: readonly Pick<ReplicaOutlook, 'ready' | 'wanted'>[]): ReplicaSum {
  const isWhole = outlooks.every(({ ready }) => ready !== null);
  return {
    ready: outlooks.reduce((sum, { ready }) => sum + (ready ?? 0), 0),
    wanted: isWhole ? outlooks.reduce((sum, { wanted }) => sum + (wanted ?? 0), 0) : null,
    isWhole,
  };
}
