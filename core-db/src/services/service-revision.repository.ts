import type { SiteConfig } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableText } from '../storable-text.ts';
import type { ServiceRevisionRow } from './service-revision.entity.ts';
import type { SavedService } from './service.repository.ts';

const RECORD = `service_id as "serviceId", revision, settings, name, agent_id as "agentId", saved_at as "savedAt",
  saved_by as "savedBy", restored_revision as "restoredRevision", state, reason, config`;

/** Adds a save to a service's history; an earlier one that was still on its way is superseded. */
export async function insertServiceRevision(
  tx: DatabaseSession,
  { id, name, agentId, revision, settings, savedBy }: SavedService,
  restoredRevision: number | null,
): Promise<void> {
  await tx.query(`update service_revisions set state = 'superseded' where service_id = $1 and state = 'applying'`, [
    id,
  ]);
  await tx.query(
    `insert into service_revisions (service_id, revision, settings, name, agent_id, saved_by, restored_revision, state)
     values ($1, $2, $3, $4, $5, $6, $7, 'applying')`,
    [id, revision, JSON.stringify(settings), name, agentId, savedBy, restoredRevision],
  );
}

export async function findServiceRevision(
  db: DatabaseSession,
  serviceId: string,
  revision: number,
): Promise<ServiceRevisionRow | null> {
  const [row] = await queryRows<ServiceRevisionRow>(
    db,
    `select ${RECORD} from service_revisions where service_id = $1 and revision = $2`,
    [serviceId, revision],
  );
  return row ?? null;
}

/** Newest first. */
export async function listServiceRevisions(
  db: DatabaseSession,
  serviceId: string,
  limit: number,
): Promise<ServiceRevisionRow[]> {
  return queryRows(
    db,
    `select ${RECORD} from service_revisions where service_id = $1 order by revision desc limit $2`,
    [serviceId, limit],
  );
}

/** Keeps the nginx files that an agent rendered. Files of services that are not this agent's are left out. */
export async function setRenderedConfigs(
  tx: DatabaseSession,
  agentId: string,
  configs: readonly SiteConfig[],
): Promise<void> {
  await tx.query(
    `update service_revisions r set config = c.text
     from unnest($2::uuid[], $3::int[], $4::text[]) as c (service_id, revision, text)
     where r.service_id = c.service_id and r.revision = c.revision and r.agent_id = $1`,
    [
      agentId,
      configs.map(({ serviceId }) => serviceId),
      configs.map(({ serviceRevision }) => serviceRevision),
      configs.map(({ text }) => storableText(text)),
    ],
  );
}
