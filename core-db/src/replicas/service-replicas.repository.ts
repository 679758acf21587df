import type { ServiceReplicasReport } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';
import type { ServiceReplicasRow } from './service-replicas.entity.ts';

export type ReplicasRecord = Pick<ServiceReplicasRow, 'report' | 'reportedAt'>;

/** Stores what an agent reports of its services; what it says of services of other nodes is left out. */
export async function setServiceReplicas(
  tx: DatabaseSession,
  agentId: string,
  reports: readonly ServiceReplicasReport[],
  reportedAt: Date,
): Promise<void> {
  await tx.query(
    `insert into service_replicas (service_id, agent_id, report, reported_at)
     select s.id, s.agent_id, r.report, $3
     from unnest($2::uuid[], $4::jsonb[]) as r (service_id, report)
     join services s on s.id = r.service_id and s.agent_id = $1
     order by s.id
     on conflict (service_id) do update
       set agent_id = excluded.agent_id, report = excluded.report, reported_at = excluded.reported_at`,
    [agentId, reports.map(({ serviceId }) => serviceId), reportedAt, reports.map((report) => storableJson(report))],
  );
}

/** What the service's own node last reported; null before it has. A report of the node that it was moved from is none. */
export async function findServiceReplicas(db: DatabaseSession, serviceId: string): Promise<ReplicasRecord | null> {
  const [row] = await queryRows<ReplicasRecord>(
    db,
    `select r.report, r.reported_at as "reportedAt"
     from service_replicas r join services s on s.id = r.service_id and s.agent_id = r.agent_id
     where r.service_id = $1`,
    [serviceId],
  );
  return row ?? null;
}
