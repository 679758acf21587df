import type { ServiceConfigurationState, ServiceNode } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import type { ServiceNodeRow } from './service-node.entity.ts';
import type { ServiceRow, StoredServiceSettings } from './service.entity.ts';

/** A node of a service, with its name, and what it last told of the service's replicas. */
export type ServiceNodeRecord = Omit<ServiceNodeRow, 'serviceId'> & {
  readonly agentName: string;
  readonly replicas: ServiceNode['replicas'];
};

export interface ServiceRecord extends ServiceRow {
  /** By name. */
  readonly nodes: readonly ServiceNodeRecord[];
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
  /** In order. */
  readonly agentIds: readonly string[];
  readonly revision: number;
  readonly settings: StoredServiceSettings;
  readonly savedBy: string;
}

/** A domain that another service has on one of the nodes. */
export interface TakenDomain {
  readonly domain: string;
  readonly serviceId: string;
  readonly serviceName: string;
}

/** A service as its node's desired state needs it. */
export type ServedService = Pick<ServiceRow, 'id' | 'name' | 'revision' | 'settings'>;

const RECORD = `services.id, services.name, services.revision, services.settings, services.created_at as "createdAt",
  services.updated_at as "updatedAt", services.updated_by as "updatedBy",
  array(select jsonb_build_object('agentId', n.agent_id, 'agentName', a.name, 'configState', n.config_state,
      'configReason', n.config_reason, 'appliedRevision', n.applied_revision, 'configUpdatedAt', n.config_updated_at,
      'replicas', case when r.report is not null and jsonb_typeof(services.settings->'replicas') = 'object'
        then jsonb_build_object('wanted', r.report->'wanted', 'problem', r.report->'problem', 'ready',
          jsonb_array_length(jsonb_path_query_array(r.report, '$.replicas[*] ? (@.state == "ready")'))) end)
    from service_nodes n join agents a on a.id = n.agent_id
    left join service_replicas r on r.service_id = n.service_id and r.agent_id = n.agent_id
    where n.service_id = services.id order by a.name) as nodes`;
/** The worst of its nodes. */
const STATE = `(select case when bool_or(config_state = 'rejected') then 'rejected'
  when bool_or(config_state = 'applying') then 'applying' else 'applied' end
  from service_nodes where service_id = services.id)`;

/** Times are texts within JSON. */
interface RecordRow extends ServiceRow {
  readonly nodes: readonly (Omit<ServiceNodeRecord, 'configUpdatedAt'> & { readonly configUpdatedAt: string })[];
}

export async function listServices(db: DatabaseSession, filters: ServiceFilters): Promise<SelectedPage<ServiceRecord>> {
  const { items, total } = await selectPage<RecordRow>(db, {
    columns: RECORD,
    from: 'services',
    where: [
      ['exists (select from service_nodes n where n.service_id = services.id and n.agent_id = ?)', filters.agentId],
      [`${STATE} = ?`, filters.state],
      ['exists (select from service_domains d where d.service_id = services.id and d.domain = ?)', filters.domain],
    ],
    searched: ['services.name', `(select string_agg(domain, ' ') from service_domains where service_id = services.id)`],
    sortable: { name: 'services.name', createdAt: 'services.created_at', updatedAt: 'services.updated_at' },
    tieBreaker: 'services.id',
    query: filters,
  });
  return { items: items.map(readRecord), total };
}

function readRecord(row: RecordRow): ServiceRecord {
  return { ...row, nodes: row.nodes.map((node) => ({ ...node, configUpdatedAt: new Date(node.configUpdatedAt) })) };
}

export async function findService(db: DatabaseSession, id: string): Promise<ServiceRecord | null> {
  const [row] = await queryRows<RecordRow>(db, `select ${RECORD} from services where services.id = $1`, [id]);
  return row === undefined ? null : readRecord(row);
}

/** As `findService`, and holds the service until the transaction ends. */
export async function lockService(tx: DatabaseSession, id: string): Promise<ServiceRecord | null> {
  // Two statements: what the first one waited for is seen by the second.
  await tx.query('select from services where id = $1 for update', [id]);
  return findService(tx, id);
}

/** The name of every service of a node. */
export async function listServiceNames(
  db: DatabaseSession,
  agentId: string,
): Promise<Pick<ServiceRow, 'id' | 'name'>[]> {
  return queryRows(
    db,
    `select s.id, s.name from services s join service_nodes n on n.service_id = s.id where n.agent_id = $1 order by s.name`,
    [agentId],
  );
}

export async function insertService(tx: DatabaseSession, service: SavedService): Promise<void> {
  await tx.query(
    'insert into services (id, name, revision, settings, updated_by) values ($1, $2, $3, $4, $5)',
    saveParameters(service),
  );
  await replaceNodes(tx, service);
}

/** Saves a service again. What nodes still serve that it has left is not told any more. */
export async function updateService(tx: DatabaseSession, service: SavedService): Promise<void> {
  await tx.query(
    `update services set name = $2, revision = $3, settings = $4, updated_by = $5, updated_at = now() where id = $1`,
    saveParameters(service),
  );
  await replaceNodes(tx, service);
}

function saveParameters({ id, name, revision, settings, savedBy }: SavedService): unknown[] {
  return [id, name, revision, JSON.stringify(settings), savedBy];
}

async function replaceNodes(tx: DatabaseSession, { id, agentIds }: SavedService): Promise<void> {
  await tx.query('delete from service_nodes where service_id = $1 and agent_id <> all($2::uuid[])', [id, agentIds]);
  await tx.query(
    `insert into service_nodes (service_id, agent_id, config_state) select $1, unnest($2::uuid[]), 'applying'
     on conflict (service_id, agent_id) do update
       set config_state = 'applying', config_reason = null, config_updated_at = now()`,
    [id, agentIds],
  );
}

export async function deleteService(tx: DatabaseSession, id: string): Promise<void> {
  await tx.query('delete from services where id = $1', [id]);
}

/**
 * Gives a service its domains on its nodes, in place of those that it had.
 * @returns the domains that other services have; then the caller must roll the transaction back
 */
export async function claimDomains(
  tx: DatabaseSession,
  { id, agentIds, settings }: Pick<SavedService, 'id' | 'agentIds' | 'settings'>,
): Promise<TakenDomain[]> {
  await tx.query('delete from service_domains where service_id = $1', [id]);
  const claimed = await queryRows(
    tx,
    `insert into service_domains (agent_id, domain, service_id)
     select agent_id, domain, $2 from unnest($1::uuid[]) as agent_id, unnest($3::text[]) as domain
     order by agent_id, domain
     on conflict (agent_id, domain) do nothing returning domain`,
    [agentIds, id, settings.domains],
  );
  if (claimed.length === agentIds.length * settings.domains.length) return [];
  return queryRows(
    tx,
    `select distinct d.domain, s.id as "serviceId", s.name as "serviceName" from service_domains d
     join services s on s.id = d.service_id
     where d.agent_id = any($1::uuid[]) and d.domain = any($2::text[]) and d.service_id <> $3 order by d.domain`,
    [agentIds, settings.domains, id],
  );
}

/** Everything that a node serves. */
export async function listServedServices(db: DatabaseSession, agentId: string): Promise<ServedService[]> {
  return queryRows(
    db,
    `select s.id, s.name, s.revision, s.settings from services s join service_nodes n on n.service_id = s.id
     where n.agent_id = $1 order by s.id`,
    [agentId],
  );
}
