import type { ServiceConfigurationState } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import type { ServiceRow, StoredServiceSettings } from './service.entity.ts';

export interface ServiceRecord extends ServiceRow {
  readonly agentName: string;
}

export interface ServiceFilters extends PageQuery {
  readonly agentId?: string | undefined;
  readonly state?: ServiceConfigurationState | undefined;
  /** A domain in canonical form, matched as a whole. */
  readonly domain?: string | undefined;
}

/** What is saved of a service, the first time or again. */
export interface SavedService {
  readonly id: string;
  readonly name: string;
  readonly agentId: string;
  readonly revision: number;
  readonly settings: StoredServiceSettings;
  readonly savedBy: string;
}

/** A domain that another service of the node has. */
export interface TakenDomain {
  readonly domain: string;
  readonly serviceId: string;
  readonly serviceName: string;
}

/** A service as its node's desired state needs it. */
export type ServedService = Pick<ServiceRow, 'id' | 'name' | 'revision' | 'settings'>;

const RECORD = `services.id, services.name, services.agent_id as "agentId", agents.name as "agentName",
  services.revision, services.settings, services.created_at as "createdAt", services.updated_at as "updatedAt",
  services.updated_by as "updatedBy", services.config_state as "configState", services.config_reason as "configReason",
  services.applied_revision as "appliedRevision", services.config_updated_at as "configUpdatedAt"`;
const SOURCE = 'services join agents on agents.id = services.agent_id';

export async function listServices(db: DatabaseSession, filters: ServiceFilters): Promise<SelectedPage<ServiceRecord>> {
  return selectPage(db, {
    columns: RECORD,
    from: SOURCE,
    where: [
      ['services.agent_id = ?', filters.agentId],
      ['services.config_state = ?', filters.state],
      ['exists (select from service_domains d where d.service_id = services.id and d.domain = ?)', filters.domain],
    ],
    searched: ['services.name', `(select string_agg(domain, ' ') from service_domains where service_id = services.id)`],
    sortable: { name: 'services.name', createdAt: 'services.created_at', updatedAt: 'services.updated_at' },
    tieBreaker: 'services.id',
    query: filters,
  });
}

export async function findService(db: DatabaseSession, id: string): Promise<ServiceRecord | null> {
  const [row] = await queryRows<ServiceRecord>(db, `select ${RECORD} from ${SOURCE} where services.id = $1`, [id]);
  return row ?? null;
}

/** As `findService`, and holds the service until the transaction ends. */
export async function lockService(tx: DatabaseSession, id: string): Promise<ServiceRecord | null> {
  const [row] = await queryRows<ServiceRecord>(
    tx,
    `select ${RECORD} from ${SOURCE} where services.id = $1 for update of services`,
    [id],
  );
  return row ?? null;
}

/** The name of every service of a node. */
export async function listServiceNames(
  db: DatabaseSession,
  agentId: string,
): Promise<Pick<ServiceRow, 'id' | 'name'>[]> {
  return queryRows(db, 'select id, name from services where agent_id = $1 order by name', [agentId]);
}

export async function insertService(tx: DatabaseSession, service: SavedService): Promise<void> {
  await tx.query(
    `insert into services (id, name, agent_id, revision, settings, updated_by, config_state)
     values ($1, $2, $3, $4, $5, $6, 'applying')`,
    saveParameters(service),
  );
}

/** Saves a service again. What its former node still serves of it is not what the new node serves. */
export async function updateService(tx: DatabaseSession, service: SavedService): Promise<void> {
  await tx.query(
    `update services set name = $2, revision = $4, settings = $5, updated_by = $6, updated_at = now(),
       applied_revision = case when agent_id = $3 then applied_revision end, agent_id = $3,
       config_state = 'applying', config_reason = null, config_updated_at = now()
     where id = $1`,
    saveParameters(service),
  );
}

function saveParameters({ id, name, agentId, revision, settings, savedBy }: SavedService): unknown[] {
  return [id, name, agentId, revision, JSON.stringify(settings), savedBy];
}

export async function deleteService(tx: DatabaseSession, id: string): Promise<void> {
  await tx.query('delete from services where id = $1', [id]);
}

/**
 * Gives a service its domains on its node, in place of those that it had.
 * @returns the domains that other services have; then the caller must roll the transaction back
 */
export async function claimDomains(
  tx: DatabaseSession,
  { id, agentId, settings }: Pick<SavedService, 'id' | 'agentId' | 'settings'>,
): Promise<TakenDomain[]> {
  await tx.query('delete from service_domains where service_id = $1', [id]);
  const claimed = await queryRows<{ domain: string }>(
    tx,
    `insert into service_domains (agent_id, domain, service_id)
     select $1, domain, $2 from unnest($3::text[]) as domain order by domain
     on conflict (agent_id, domain) do nothing returning domain`,
    [agentId, id, settings.domains],
  );
  if (claimed.length === settings.domains.length) return [];
  return queryRows(
    tx,
    `select d.domain, s.id as "serviceId", s.name as "serviceName" from service_domains d
     join services s on s.id = d.service_id
     where d.agent_id = $1 and d.domain = any($2::text[]) and d.service_id <> $3 order by d.domain`,
    [agentId, settings.domains, id],
  );
}

/** Everything that a node serves. */
export async function listServedServices(db: DatabaseSession, agentId: string): Promise<ServedService[]> {
  return queryRows(db, 'select id, name, revision, settings from services where agent_id = $1 order by id', [agentId]);
}
