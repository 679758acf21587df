import { partitionOf, type ScalingPolicy } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { ServiceScaleNodeRow } from './service-scale-node.entity.ts';
import type { ServiceScaleRow } from './service-scale.entity.ts';

export type NodeCount = Pick<ServiceScaleNodeRow, 'agentId' | 'count'>;

/** The node that something about a service is about; null when it lives on several, or on none. */
export function soleNode([first, ...others]: readonly NodeCount[]): string | null {
  return others.length === 0 ? (first?.agentId ?? null) : null;
}

/** How many replicas a service has, where, and by which policy. */
export interface ServiceScale extends Omit<ServiceScaleRow, 'busPartition' | 'changedXid'> {
  /** In the order of their ids; none when the service has no replicas (any more). */
  readonly nodes: readonly (NodeCount & { readonly agentName: string })[];
}

const SCALE = `s.service_id as "serviceId", s.scale_revision as "scaleRevision", s.policy,
  s.policy_revision as "policyRevision", s.policy_updated_at as "policyUpdatedAt",
  array(select jsonb_build_object('agentId', n.agent_id, 'agentName', a.name, 'count', n.count)
    from service_scale_nodes n join agents a on a.id = n.agent_id where n.service_id = s.service_id order by n.agent_id) as nodes`;
/** Marks a row as changed by this transaction. */
const CHANGED = 'changed_xid = pg_current_xact_id()::text::bigint';

export async function findServiceScale(db: DatabaseSession, serviceId: string): Promise<ServiceScale | null> {
  const [row] = await queryRows<ServiceScale>(db, `select ${SCALE} from service_scales s where s.service_id = $1`, [
    serviceId,
  ]);
  return row ?? null;
}

/** As `findServiceScale`, and holds it until the transaction ends. The service is kept from being removed, and held first. */
export async function lockServiceScale(tx: DatabaseSession, serviceId: string): Promise<ServiceScale | null> {
  await tx.query('select from services where id = $1 for key share', [serviceId]);
  await tx.query('select from service_scales where service_id = $1 for update', [serviceId]);
  return findServiceScale(tx, serviceId);
}

/** The numbers of all services of a node, by service. */
export async function listNodeScales(
  db: DatabaseSession,
  agentId: string,
): Promise<ReadonlyMap<string, { readonly count: number; readonly scaleRevision: number }>> {
  const rows = await queryRows<{ serviceId: string; count: number; scaleRevision: number }>(
    db,
    `select s.service_id as "serviceId", n.count, s.scale_revision as "scaleRevision"
     from service_scale_nodes n join service_scales s on s.service_id = n.service_id where n.agent_id = $1`,
    [agentId],
  );
  return new Map(rows.map(({ serviceId, ...scale }) => [serviceId, scale]));
}

/** The first number of a service's replicas. */
export async function insertServiceScale(
  tx: DatabaseSession,
  serviceId: string,
  nodes: readonly NodeCount[],
): Promise<void> {
  await tx.query(
    `insert into service_scales (service_id, bus_partition, changed_xid)
     values ($1, $2, pg_current_xact_id()::text::bigint)`,
    [serviceId, partitionOf(serviceId)],
  );
  await replaceScaleNodes(tx, serviceId, nodes);
}

/**
 * Another place or number of replicas, if nobody was faster: only when the scale revision is the one that was decided on, and
 * so is the policy's where it is given.
 * @returns the new scale revision; null when it is another one by now, and then nothing was changed
 */
export async function advanceScale(
  tx: DatabaseSession,
  guard: { readonly serviceId: string; readonly scaleRevision: number; readonly policyRevision?: number },
  nodes: readonly NodeCount[],
): Promise<number | null> {
  const [row] = await queryRows<{ scaleRevision: number }>(
    tx,
    `update service_scales set scale_revision = scale_revision + 1, ${CHANGED}
     where service_id = $1 and scale_revision = $2 and ($3::int is null or policy_revision = $3)
     returning scale_revision as "scaleRevision"`,
    [guard.serviceId, guard.scaleRevision, guard.policyRevision ?? null],
  );
  if (row === undefined) return null;
  await replaceScaleNodes(tx, guard.serviceId, nodes);
  return row.scaleRevision;
}

async function replaceScaleNodes(tx: DatabaseSession, serviceId: string, nodes: readonly NodeCount[]): Promise<void> {
  const agentIds = nodes.map(({ agentId }) => agentId);
  await tx.query('delete from service_scale_nodes where service_id = $1 and agent_id <> all($2::uuid[])', [
    serviceId,
    agentIds,
  ]);
  await tx.query(
    `insert into service_scale_nodes (service_id, agent_id, count)
     select $1, agent_id, count from unnest($2::uuid[], $3::int[]) as n (agent_id, count)
     on conflict (service_id, agent_id) do update set count = excluded.count`,
    [serviceId, agentIds, nodes.map(({ count }) => count)],
  );
}

/** Sets the policy, or removes it. Call it with the scale locked. */
export async function setScalingPolicy(
  tx: DatabaseSession,
  serviceId: string,
  policy: ScalingPolicy | null,
): Promise<void> {
  await tx.query(
    `update service_scales set policy = $2, policy_revision = policy_revision + 1, ${CHANGED},
       policy_updated_at = case when $2::jsonb is null then null else now() end
     where service_id = $1`,
    [serviceId, policy === null ? null : JSON.stringify(policy)],
  );
}
