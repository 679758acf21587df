import type { AgentFacts, ObservedContainer } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { recordEvents } from '../outbox/outbox.repository.ts';
import type { AgentRow } from './agent.entity.ts';

/** What answering a heartbeat needs to know. */
export interface HeartbeatAgent extends Pick<
  AgentRow,
  'id' | 'name' | 'apiKeyHash' | 'status' | 'sessionId' | 'desiredRevision' | 'rejectedRevision'
> {
  readonly lacksFacts: boolean;
  readonly hasPendingTask: boolean;
  /** A task was picked up and its lease runs. */
  readonly hasTaskUnderWay: boolean;
}

/** One agent's latest sign of life. */
export interface SeenAgent {
  readonly id: string;
  readonly seenAt: Date;
  readonly bus: AgentRow['bus'];
  readonly version: string;
}

/** Reads many agents with one statement: heartbeats that arrive together are answered together. */
export async function findHeartbeatAgents(db: DatabaseSession, ids: readonly string[]): Promise<HeartbeatAgent[]> {
  return queryRows(
    db,
    `select a.id, a.name, a.api_key_hash as "apiKeyHash", a.status, a.session_id as "sessionId",
       a.desired_revision as "desiredRevision", a.rejected_revision as "rejectedRevision",
       a.facts is null as "lacksFacts",
       coalesce(t.pending, false) as "hasPendingTask", coalesce(t.under_way, false) as "hasTaskUnderWay"
     from agents a left join (
       select agent_id, bool_or(state = 'pending') as pending, bool_or(state <> 'pending') as under_way
       from tasks where state in ('pending', 'delivered', 'running') and agent_id = any($1::uuid[]) group by agent_id
     ) t on t.agent_id = a.id
     where a.id = any($1::uuid[])`,
    [ids],
  );
}

/**
 * Writes when agents were last seen, many at once. Says nothing of agents that are offline: a heartbeat that was written
 * late must not bring back an agent that has said goodbye since.
 */
export async function recordLastSeen(tx: DatabaseSession, seen: readonly SeenAgent[]): Promise<void> {
  await tx.query(
    `update agents set last_seen_at = greatest(agents.last_seen_at, seen.at), bus = seen.bus, version = seen.version
     from (
       select a.id, s.at, s.bus, s.version from agents a
       join unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) as s (id, at, bus, version) on s.id = a.id
       where a.status = 'online' order by a.id for no key update of a
     ) as seen where agents.id = seen.id`,
    [
      seen.map(({ id }) => id),
      seen.map(({ seenAt }) => seenAt),
      seen.map(({ bus }) => bus),
      seen.map(({ version }) => version),
    ],
  );
}

/** Brings an agent online, with its event; false when another process has done so already. */
export async function markAgentOnline(tx: DatabaseSession, { id, seenAt, bus, version }: SeenAgent): Promise<boolean> {
  const [row] = await queryRows<{ name: string }>(
    tx,
    `update agents set status = 'online', last_seen_at = greatest(last_seen_at, $2), bus = $3, version = $4
     where id = $1 and status = 'offline' returning name`,
    [id, seenAt, bus, version],
  );
  if (row === undefined) return false;
  await recordEvents(tx, [
    { kind: 'agent.online', at: seenAt, agentId: id, serviceId: null, data: { name: row.name, version } },
  ]);
  return true;
}

export async function setAgentSession(db: DatabaseSession, id: string, sessionId: string): Promise<void> {
  await db.query('update agents set session_id = $2 where id = $1', [id, sessionId]);
}

export async function setAgentFacts(tx: DatabaseSession, id: string, facts: AgentFacts): Promise<void> {
  await tx.query('update agents set facts = $2 where id = $1', [id, JSON.stringify(facts)]);
}

export async function setAgentContainers(
  tx: DatabaseSession,
  id: string,
  containers: readonly ObservedContainer[],
  reportedAt: Date,
): Promise<void> {
  await tx.query('update agents set containers = $2, containers_reported_at = $3 where id = $1', [
    id,
    JSON.stringify(containers),
    reportedAt,
  ]);
}
