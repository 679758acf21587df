import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { NodeCount } from './service-scale.repository.ts';
import type { ServiceScaleRow } from './service-scale.entity.ts';

/** A service as the one who decides for it knows it. */
export interface ScaledService extends Pick<
  ServiceScaleRow,
  'serviceId' | 'busPartition' | 'scaleRevision' | 'policy' | 'policyRevision'
> {
  readonly name: string;
  /** None when it has no replicas any more. */
  readonly nodes: readonly NodeCount[];
}

export interface ChangedServices {
  readonly services: readonly ScaledService[];
  /** What to give the next time: all that was not seen this time is of it, or newer. */
  readonly seenXid: string;
}

/**
 * The services of partitions that changed since the last call, several times if need be, but none is missed: a transaction that
 * was under way then has no lower number than the lowest of those that were.
 * @param sinceXid '0' for all of them
 */
export async function listChangedServices(
  db: DatabaseSession,
  partitions: readonly number[],
  sinceXid: string,
): Promise<ChangedServices> {
  const rows = await queryRows<(ScaledService | { readonly serviceId: null }) & { readonly seenXid: string }>(
    db,
    `with seen as materialized (select pg_snapshot_xmin(pg_current_snapshot())::text as xid)
     select seen.xid as "seenXid", s.service_id as "serviceId", s.bus_partition as "busPartition", v.name,
       s.scale_revision as "scaleRevision", s.policy, s.policy_revision as "policyRevision",
       array(select jsonb_build_object('agentId', n.agent_id, 'count', n.count) from service_scale_nodes n
         where n.service_id = s.service_id order by n.agent_id) as nodes
     from seen left join service_scales s on s.bus_partition = any($1::int[]) and s.changed_xid >= $2
     left join services v on v.id = s.service_id`,
    [partitions, sinceXid],
  );
  return {
    services: rows.filter((row): row is ScaledService & { readonly seenXid: string } => row.serviceId !== null),
    seenXid: rows[0]?.seenXid ?? sinceXid,
  };
}

/** A node as far as room for replicas goes; null where nothing is known. */
export interface NodeRoom {
  readonly agentId: string;
  readonly isOnline: boolean;
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
}

/** What the replicas of one service reserve on one node. */
export interface NodeReservation {
  readonly agentId: string;
  readonly serviceId: string;
  readonly cpu: number;
  readonly memoryBytes: number;
}

/** What is known of nodes, by their ids. */
export interface KnownRooms {
  readonly nodes: ReadonlyMap<string, NodeRoom>;
  readonly reservations: ReadonlyMap<string, readonly NodeReservation[]>;
}

/** Sizes of nodes as their metrics tell them, and what policies reserve there. */
export async function readNodeRooms(db: DatabaseSession, agentIds: readonly string[]): Promise<KnownRooms> {
  const nodes = await queryRows<NodeRoom>(
    db,
    `select a.id as "agentId", a.status = 'online' as "isOnline", nullif(c.cores, 0) as "cpuCores",
       m.memory as "memoryBytes"
     from agents a
     left join lateral (
       select count(*)::int as cores from metric_series where agent_id = a.id and container_ref is null
         and name ~ '^host\\.core\\.[0-9]+\\.cpuPercent$' and last_seen_at > now() - interval '1 day') c on true
     left join lateral (
       select memory_total_bytes as memory from host_metrics where agent_id = a.id and at > now() - interval '1 hour'
       order by at desc limit 1) m on true
     where a.id = any($1::uuid[])`,
    [agentIds],
  );
  const reservations = await queryRows<NodeReservation>(
    db,
    `select n.agent_id as "agentId", n.service_id as "serviceId",
       n.count * coalesce((s.policy->>'cpuReservation')::float8, 0) as cpu,
       n.count * coalesce((s.policy->>'memoryReservationBytes')::float8, 0) as "memoryBytes"
     from service_scale_nodes n join service_scales s on s.service_id = n.service_id
     where n.agent_id = any($1::uuid[]) and n.count > 0
       and (s.policy->>'cpuReservation' is not null or s.policy->>'memoryReservationBytes' is not null)`,
    [agentIds],
  );
  return {
    nodes: new Map(nodes.map((node) => [node.agentId, node])),
    reservations: Map.groupBy(reservations, ({ agentId }) => agentId),
  };
}
