import type { Agent, AgentStatus, ObservedContainer } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import type { AgentRow } from './agent.entity.ts';

/** An agent with what is counted about it. */
export interface AgentRecord extends Omit<AgentRow, 'apiKeyHash' | 'containers' | 'busPublicKey' | 'sessionId'> {
  readonly containers: Agent['containers'];
  readonly services: number;
  readonly rejectedServices: number;
  /** Services that want replicas, have none that is ready, and tell of a problem. */
  readonly unservedServices: number;
}

export interface NewAgent {
  readonly id: string;
  readonly name: string;
  readonly apiKeyHash: string;
  readonly version: string;
  readonly busPublicKey: string | null;
}

/** What a transaction that changes an agent's configuration needs to know of it. */
export type LockedAgent = Pick<
  AgentRow,
  'id' | 'name' | 'url' | 'desiredRevision' | 'rejectedRevision' | 'busPublicKey'
>;

export interface AgentFilters extends PageQuery {
  readonly status?: AgentStatus | undefined;
}

const LOCKED = `id, name, url, desired_revision as "desiredRevision", rejected_revision as "rejectedRevision",
  bus_public_key as "busPublicKey"`;

const RECORD = `id, name, url, status, last_seen_at as "lastSeenAt", registered_at as "registeredAt", version, bus, facts,
  clock_offset_ms as "clockOffsetMs",
  desired_revision as "desiredRevision", applied_revision as "appliedRevision", applied_at as "appliedAt",
  rejected_revision as "rejectedRevision", rejected_reason as "rejectedReason",
  containers_reported_at as "containersReportedAt",
  (select count(*)::int from service_nodes where agent_id = agents.id) as services,
  (select count(*)::int from service_nodes where agent_id = agents.id and config_state = 'rejected') as "rejectedServices",
  (select count(*)::int from service_replicas r where r.agent_id = agents.id and (r.report->>'wanted')::int > 0
    and r.report->>'problem' is not null
    and not jsonb_path_exists(r.report, '$.replicas[*] ? (@.state == "ready")')) as "unservedServices",
  case when containers is not null then jsonb_build_object(
    'total', jsonb_array_length(containers),
    'running', jsonb_array_length(jsonb_path_query_array(containers, '$[*] ? (@.state == "running")'))
  ) end as containers`;

/** Adds an agent; false when the name is taken. */
export async function insertAgent(tx: DatabaseSession, agent: NewAgent): Promise<boolean> {
  const rows = await queryRows(
    tx,
    `insert into agents (id, name, api_key_hash, version, bus_public_key) values ($1, $2, $3, $4, $5)
     on conflict (name) do nothing returning id`,
    [agent.id, agent.name, agent.apiKeyHash, agent.version, agent.busPublicKey],
  );
  return rows.length === 1;
}

export async function listAgents(db: DatabaseSession, filters: AgentFilters): Promise<SelectedPage<AgentRecord>> {
  return selectPage(db, {
    columns: RECORD,
    from: 'agents',
    where: [['status = ?', filters.status]],
    searched: ['name', 'url', `facts->>'hostname'`],
    sortable: {
      name: 'name',
      status: 'status',
      lastSeenAt: `coalesce(last_seen_at, '-infinity')`,
      registeredAt: 'registered_at',
    },
    query: filters,
  });
}

export async function findAgent(db: DatabaseSession, id: string): Promise<AgentRecord | null> {
  const [row] = await queryRows<AgentRecord>(db, `select ${RECORD} from agents where id = $1`, [id]);
  return row ?? null;
}

/**
 * Holds agents until the transaction ends, in the order of their ids, so that two transactions never wait for each
 * other. Whoever changes what an agent serves holds it first.
 */
export async function lockAgents(tx: DatabaseSession, ids: readonly string[]): Promise<Map<string, LockedAgent>> {
  const rows = await queryRows<LockedAgent>(
    tx,
    `select ${LOCKED} from agents where id = any($1::uuid[]) order by id for no key update`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function updateAgent(
  tx: DatabaseSession,
  id: string,
  { name, url }: { readonly name: string; readonly url: string | null },
): Promise<void> {
  await tx.query('update agents set name = $2, url = $3 where id = $1', [id, name, url]);
}

export async function deleteAgent(tx: DatabaseSession, id: string): Promise<void> {
  await tx.query('delete from agents where id = $1', [id]);
}

/** @returns whether the agent serves that revision already */
export async function setDesiredRevision(tx: DatabaseSession, id: string, revision: string): Promise<boolean> {
  const [row] = await queryRows<{ isApplied: boolean }>(
    tx,
    `update agents set desired_revision = $2 where id = $1
     returning applied_revision is not distinct from $2 as "isApplied"`,
    [id, revision],
  );
  return row?.isApplied ?? false;
}

/** The stored inventory as it was reported, null before the first report. */
export async function readAgentContainers(
  db: DatabaseSession,
  id: string,
): Promise<{ containers: ObservedContainer[] | null; reportedAt: Date | null } | null> {
  const [row] = await queryRows<{ containers: ObservedContainer[] | null; reportedAt: Date | null }>(
    db,
    'select containers, containers_reported_at as "reportedAt" from agents where id = $1',
    [id],
  );
  return row ?? null;
}

export async function listAgentIds(db: DatabaseSession): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(db, 'select id from agents');
  return rows.map(({ id }) => id);
}

export async function listOnlineAgentIds(db: DatabaseSession): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(db, "select id from agents where status = 'online'");
  return rows.map(({ id }) => id);
}
