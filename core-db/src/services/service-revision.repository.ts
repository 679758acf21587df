import type { SiteConfig } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableText } from '../storable-text.ts';
import type { ServiceRevisionNodeRow } from './service-revision-node.entity.ts';
import type { ServiceRevisionRow } from './service-revision.entity.ts';
import type { SavedService } from './service.repository.ts';

/** A revision as one node of its service sees it. */
export interface ServiceRevisionRecord extends ServiceRevisionRow {
  /** The nodes that it was for, in order. */
  readonly agentIds: readonly string[];
  /** What became of it on the node that was asked for; null when it was not for that one. */
  readonly node: Pick<ServiceRevisionNodeRow, 'state' | 'reason' | 'config'> | null;
}

const RECORD = `r.service_id as "serviceId", r.revision, r.settings, r.name, r.saved_at as "savedAt",
  r.saved_by as "savedBy", r.restored_revision as "restoredRevision",
  array(select n.agent_id from service_revision_nodes n
    where n.service_id = r.service_id and n.revision = r.revision order by n.agent_id) as "agentIds",
  (select jsonb_build_object('state', n.state, 'reason', n.reason, 'config', n.config) from service_revision_nodes n
    where n.service_id = r.service_id and n.revision = r.revision and n.agent_id = $2) as node`;

/** Adds a save to a service's history; an earlier one that was still on its way is superseded. */
export async function insertServiceRevision(
  tx: DatabaseSession,
  { id, name, agentIds, revision, settings, savedBy }: SavedService,
  restoredRevision: number | null,
): Promise<void> {
  await tx.query(
    `update service_revision_nodes set state = 'superseded' where service_id = $1 and state = 'applying'`,
    [id],
  );
  await tx.query(
    `insert into service_revisions (service_id, revision, settings, name, saved_by, restored_revision)
     values ($1, $2, $3, $4, $5, $6)`,
    [id, revision, JSON.stringify(settings), name, savedBy, restoredRevision],
  );
  await tx.query(
    `insert into service_revision_nodes (service_id, revision, agent_id, state)
     select $1, $2, unnest($3::uuid[]), 'applying'`,
    [id, revision, agentIds],
  );
}

/** @param agentId the node that is asked for; null when its part does not matter */
export async function findServiceRevision(
  db: DatabaseSession,
  serviceId: string,
  revision: number,
  agentId: string | null,
): Promise<ServiceRevisionRecord | null> {
  const [row] = await queryRows<ServiceRevisionRecord>(
    db,
    `select ${RECORD} from service_revisions r where r.service_id = $1 and r.revision = $3`,
    [serviceId, agentId, revision],
  );
  return row ?? null;
}

/** Newest first. @param agentId the node that is asked for */
export async function listServiceRevisions(
  db: DatabaseSession,
  serviceId: string,
  agentId: string,
  limit: number,
): Promise<ServiceRevisionRecord[]> {
  return queryRows(
    db,
    `select ${RECORD} from service_revisions r where r.service_id = $1 order by r.revision desc limit $3`,
    [serviceId, agentId, limit],
  );
}

/** Keeps the nginx files that an agent rendered. Files of services that are not this agent's are left out. */
export async function setRenderedConfigs(
  tx: DatabaseSession,
  agentId: string,
  configs: readonly SiteConfig[],
): Promise<void> {
  await tx.query(
    `update service_revision_nodes r set config = c.text
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
