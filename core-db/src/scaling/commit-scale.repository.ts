import type { DatabaseSession } from '../database-session.ts';
import { recordEvents } from '../outbox/outbox.repository.ts';
import { insertScaleTask } from '../tasks/task.repository.ts';
import { insertScalingDecision, type NewScalingDecision } from './scaling-decision.repository.ts';
import { advanceScale, soleNode, type NodeCount } from './service-scale.repository.ts';

/** A decision on what was known of the service when it was made. */
export interface ScaleCommit {
  /** Its outcome is `scaled` or `manual`. */
  readonly decision: NewScalingDecision;
  readonly serviceName: string;
  readonly scaleRevision: number;
  /** Given by the policy's own decisions: they do not count when it was changed, paused or removed meanwhile. */
  readonly policyRevision?: number;
  /** All nodes of the service, with their numbers from now on. */
  readonly nodes: readonly NodeCount[];
  readonly createdBy: string;
}

/**
 * Changes a service's number of replicas: number, decision, the nodes' tasks and the event, all or nothing, and nothing at all
 * when anything else changed the number meanwhile. That guard makes one action of a decision that is made twice, by a replay, a
 * redelivery or a second owner. Call it with the service held (`lockServiceScale`) or as the transaction's first.
 * @returns the new scale revision; null when it came too late
 */
export async function commitScale(tx: DatabaseSession, commit: ScaleCommit): Promise<number | null> {
  const { decision, nodes, createdBy, serviceName } = commit;
  const { serviceId, at, from, to, outcome } = decision;
  // Held in the order in which saves hold them: the service, then its numbers. Its removal waits, or is seen below.
  await tx.query('select from services where id = $1 for key share', [serviceId]);
  const scaleRevision = await advanceScale(tx, { ...commit, serviceId }, nodes);
  if (scaleRevision === null) return null;
  await insertScalingDecision(tx, decision, scaleRevision);
  for (const { agentId, count } of nodes) {
    await insertScaleTask(tx, { agentId, payload: { serviceId, scaleRevision, count }, createdBy });
  }
  const data = { name: serviceName, from, to, scaleRevision, outcome, decidedBy: decision.decidedBy };
  await recordEvents(tx, [{ kind: 'service.scaled', at, agentId: soleNode(nodes), serviceId, data }]);
  return scaleRevision;
}
