import { z } from 'zod';
import { contentRevision, entityId, instant } from '../values/identifiers.ts';

/**
 * A replica's life:
 *
 *     pulling ─▶ starting ──ready──▶ ready ──▶ draining ─▶ stopping ─▶ (gone)
 *                   │                  │
 *                   └─────failed ◀─────┘   made anew after a wait that grows
 */
export const replicaState = z.enum(['pulling', 'starting', 'ready', 'draining', 'stopping', 'failed']);
export type ReplicaState = z.infer<typeof replicaState>;

export const MAX_REPLICA_REASON_LENGTH = 2000;
const replicaReason = z.string().max(MAX_REPLICA_REASON_LENGTH);

/** One container of a service, as its agent sees it. */
export const replicaReport = z.object({
  /** The container's name. */
  name: z.string().max(255),
  /** Docker's id; null before it is made. */
  containerId: z.string().max(64).nullable(),
  state: replicaState,
  /** Hash of the specification that it was made from; the wanted one's for those of the newest settings. */
  specification: contentRevision,
  /** Why it has failed, or what it waits for; null when there is nothing to say. */
  reason: replicaReason.nullable(),
  since: instant,
});
export type ReplicaReport = z.infer<typeof replicaReport>;

/** All replicas of one service on one node. */
export const serviceReplicasReport = z.object({
  serviceId: entityId,
  serviceRevision: z.number().int().min(1),
  wanted: z.number().int().min(0),
  /** Hash of the specification that all of them should have. */
  specification: contentRevision,
  /** `rolled_back`: the newest specification did not become ready, and the one before runs on. */
  rollout: z.enum(['settled', 'progressing', 'rolled_back']),
  /** What an operator has to know and do: the image that is not there, the port that never opened; null when all is well. */
  problem: replicaReason.nullable(),
  replicas: z.array(replicaReport).max(300),
});
export type ServiceReplicasReport = z.infer<typeof serviceReplicasReport>;
