import { isDeepStrictEqual } from 'node:util';
import {
  advanceScale,
  commitScale,
  insertServiceScale,
  lockServiceScale,
  placeReplicas,
  setScalingPolicy,
  type DatabaseSession,
  type NodeCount,
  type SavedService,
  type ServiceRecord,
  type ServiceScale,
} from '@flotilla/core-db';

/**
 * Gives a saved service its number of replicas. The number of the form counts when it is the first one, and when it was changed and
 * no policy decides; else the number stays what it is, and is spread anew when the service's nodes are others than before. Call it
 * with the service held, before the desired state is computed.
 */
export async function saveScale(tx: DatabaseSession, saved: SavedService, before: ServiceRecord | null): Promise<void> {
  const { id: serviceId, agentIds, name, savedBy } = saved;
  const count = saved.settings.replicas?.count ?? null;
  const scale = await lockServiceScale(tx, serviceId);
  if (scale === null) {
    if (count === null) return;
    const spread = await placeReplicas(tx, { serviceId, policy: null }, listEmpty(agentIds), count);
    await insertServiceScale(tx, serviceId, spread);
    return;
  }
  if (count === null) {
    // Without replicas there is nothing to decide; the scale revision stays, for those that come later.
    if (scale.policy !== null) await setScalingPolicy(tx, serviceId, null);
    if (scale.nodes.length > 0) await moveScale(tx, scale, []);
    return;
  }
  const isFirst = scale.nodes.length === 0;
  const isTyped = scale.policy === null && count !== (before?.settings.replicas?.count ?? null);
  const from = scale.nodes.reduce((sum, node) => sum + node.count, 0);
  const to = isFirst || isTyped ? count : from;
  const hasMoved = !isDeepStrictEqual(
    agentIds,
    scale.nodes.map(({ agentId }) => agentId),
  );
  if (!isFirst && to === from && !hasMoved) return;
  const nodes = await placeReplicas(tx, scale, hasMoved ? listEmpty(agentIds) : scale.nodes, to);
  if (isFirst || to === from) {
    await moveScale(tx, scale, nodes);
    return;
  }
  const decision = { serviceId, at: new Date(), outcome: 'manual', from, to, decidedBy: savedBy } as const;
  const unknown = { wanted: null, ready: null, decisiveTarget: null, targets: [], limits: [] };
  const { scaleRevision } = scale;
  await commitScale(tx, {
    decision: { ...decision, ...unknown },
    serviceName: name,
    scaleRevision,
    nodes,
    createdBy: savedBy,
  });
}

/** Nodes to spread replicas over as if there were none yet, so that nodes that are new get theirs. */
function listEmpty(agentIds: readonly string[]): NodeCount[] {
  return agentIds.map((agentId) => ({ agentId, count: 0 }));
}

async function moveScale(tx: DatabaseSession, scale: ServiceScale, nodes: readonly NodeCount[]): Promise<void> {
  const { serviceId, scaleRevision } = scale;
  if ((await advanceScale(tx, { serviceId, scaleRevision }, nodes)) !== null) return;
  throw new Error(`the number of replicas of ${serviceId} changed while it was held`);
}
