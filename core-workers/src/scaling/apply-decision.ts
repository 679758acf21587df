import {
  commitScale,
  inTransaction,
  insertScalingDecision,
  recordEvents,
  type Database,
  type NewScalingDecision,
  type NodeCount,
  type ScaledService,
} from '@flotilla/core-db';
import type { ScalingOutcome } from './decide/decide-replicas.ts';
import type { Placement } from './decide/plan-placement.ts';

type Decision = NonNullable<ScalingOutcome['decision']>;

/** The name that tasks carry which no person has made. */
const CREATED_BY = 'autoscaling';

/**
 * Carries a decision out: number, decision, tasks and event in one transaction, if nothing was changed since what it was made on.
 * @returns the service as it is now; null when somebody was faster
 */
export async function applyDecision(
  database: Database,
  { service, decision, placement }: { service: ScaledService; decision: Decision; placement: Placement },
): Promise<ScaledService | null> {
  const nodes: NodeCount[] = [...placement.counts].map(([agentId, count]) => ({ agentId, count }));
  const limits = placement.limit === null ? decision.limits : [...decision.limits, placement.limit];
  const scaleRevision = await inTransaction(database, (tx) =>
    commitScale(tx, {
      decision: { ...toRow(service, decision), to: placement.placed, limits },
      serviceName: service.name,
      scaleRevision: service.scaleRevision,
      policyRevision: service.policyRevision,
      nodes,
      createdBy: CREATED_BY,
    }),
  );
  return scaleRevision === null ? null : { ...service, scaleRevision, nodes };
}

/** Records what was decided and changes nothing, once; what holds the load back is an event as well. */
export async function recordDecision(database: Database, service: ScaledService, decision: Decision): Promise<void> {
  await inTransaction(database, async (tx) => {
    const isNew = await insertScalingDecision(tx, toRow(service, decision), service.scaleRevision);
    if (!isNew || decision.outcome !== 'held') return;
    const { from, to, limits } = decision;
    const data = { name: service.name, from, to, limits: limits.map(({ kind }) => kind) };
    const { serviceId, nodes } = service;
    const at = new Date(decision.at);
    const agentId = nodes[0]?.agentId ?? null;
    await recordEvents(tx, [{ kind: 'service.scaling_limited', at, agentId, serviceId, data }]);
  });
}

function toRow({ serviceId }: ScaledService, decision: Decision): NewScalingDecision {
  return { ...decision, serviceId, at: new Date(decision.at) };
}
