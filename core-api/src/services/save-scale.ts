import {
  advanceScale,
  commitScale,
  insertServiceScale,
  lockServiceScale,
  setScalingPolicy,
  type DatabaseSession,
  type NodeCount,
  type SavedService,
  type ServiceRecord,
  type ServiceScale,
} from '@flotilla/core-db';

/**
 * Gives a saved service its number of replicas. The number of the form counts when it is the first one, and when it was changed and
 * no policy decides; else the number stays what it is, on whatever node. Call it with the service held, before the desired
 * state is computed.
 */
export async function saveScale(tx: DatabaseSession, saved: SavedService, before: ServiceRecord | null): Promise<void> {
  const { id: serviceId, agentId, name, savedBy } = saved;
  const count = saved.settings.replicas?.count ?? null;
  const scale = await lockServiceScale(tx, serviceId);
  if (scale === null) {
    if (count !== null) await insertServiceScale(tx, serviceId, { agentId, count });
    return;
  }
  if (count === null) {
    // Without replicas there is nothing to decide; the scale revision stays, for those that come later.
    if (scale.policy !== null) await setScalingPolicy(tx, serviceId, null);
    if (scale.nodes.length > 0) await moveScale(tx, scale, []);
    return;
  }
  const [node] = scale.nodes;
  const isTyped = scale.policy === null && count !== (before?.settings.replicas?.count ?? null);
  const to = node === undefined || isTyped ? count : node.count;
  const from = node?.count ?? 0;
  if (node !== undefined && to !== from) {
    const decision = { serviceId, at: new Date(), outcome: 'manual', from, to, decidedBy: savedBy } as const;
    const unknown = { wanted: null, ready: null, decisiveTarget: null, targets: [], limits: [] };
    const { scaleRevision } = scale;
    const nodes = [{ agentId, count: to }];
    await commitScale(tx, {
      decision: { ...decision, ...unknown },
      serviceName: name,
      scaleRevision,
      nodes,
      createdBy: savedBy,
    });
  } else if (node?.agentId !== agentId) {
    await moveScale(tx, scale, [{ agentId, count: to }]);
  }
}

async function moveScale(tx: DatabaseSession, scale: ServiceScale, nodes: readonly NodeCount[]): Promise<void> {
  const { serviceId, scaleRevision } = scale;
  if ((await advanceScale(tx, { serviceId, scaleRevision }, nodes)) !== null) return;
  throw new Error(`the number of replicas of ${serviceId} changed while it was held`);
}
