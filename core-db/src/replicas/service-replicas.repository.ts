import type { ServiceReplicasReport } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';

/** What a node last reported of a service; null before it has. */
export interface ReplicasRecord {
  readonly agentId: string;
  readonly agentName: string;
  readonly report: ServiceReplicasReport | null;
  readonly reportedAt: Date | null;
}

/** Stores what an agent reports of its services; what it says of services of other nodes is left out. */
export async function setServiceReplicas(
  tx: DatabaseSession,
  agentId: string,
  reports: readonly ServiceReplicasReport[],
  reportedAt: Date,
): Promise<void> {
  await tx.query(
    `insert into service_replicas (service_id, agent_id, report, reported_at)
     select n.service_id, n.agent_id, r.report, $3
     from unnest($2::uuid[], $4::jsonb[]) as r (service_id, report)
     join service_nodes n on n.service_id = r.service_id and n.agent_id = $1
     order by n.service_id
     on conflict (service_id, agent_id) do update set report = excluded.report, reported_at = excluded.reported_at`,
    [agentId, reports.map(({ serviceId }) => serviceId), reportedAt, reports.map((report) => storableJson(report))],
  );
}

/** What each of the service's nodes last reported, by their names. */
export async function listServiceReplicas(db: DatabaseSession, serviceId: string): Promise<ReplicasRecord[]> {
  return queryRows(
    db,
    `select n.agent_id as "agentId", a.name as "agentName", r.report, r.reported_at as "reportedAt"
     from service_nodes n join agents a on a.id = n.agent_id
     left join service_replicas r on r.service_id = n.service_id and r.agent_id = n.agent_id
     where n.service_id = $1 order by a.name`,
    [serviceId],
  );
}
