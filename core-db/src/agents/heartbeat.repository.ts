import type { AgentFacts, ObservedContainer } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { recordEvents } from '../outbox/outbox.repository.ts';
import { storableJson } from '../storable-text.ts';
import type { AgentRow } from './agent.entity.ts';

/** What answering a heartbeat needs to know. */
export interface HeartbeatAgent extends Pick<
  AgentRow,
  | 'id'
  | 'name'
  | 'apiKeyHash'
  | 'status'
  | 'sessionId'
  | 'desiredRevision'
  | 'appliedRevision'
  | 'rejectedRevision'
  | 'clockOffsetMs'
  | 'seenNetworks'
> {
  /** Of the bans that its nginx enforces; null for none. */
  readonly enforcedBanRevision: number | null;
  /** The Core's newest. */
  readonly banRevision: number;
  readonly lacksFacts: boolean;
  readonly lacksContainers: boolean;
  /** Whether the host has Docker, as far as the Core knows. */
  readonly hasDocker: boolean;
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
       a.desired_revision as "desiredRevision", a.applied_revision as "appliedRevision",
       a.rejected_revision as "rejectedRevision", a.clock_offset_ms as "clockOffsetMs",
       a.seen_networks as "seenNetworks",
       a.ban_revision::float8 as "enforcedBanRevision", w.revision::float8 as "banRevision",
       a.facts is null as "lacksFacts", a.containers is null as "lacksContainers",
       coalesce((a.facts->'docker'->>'available')::boolean, false) as "hasDocker",
       coalesce(t.pending, false) as "hasPendingTask", coalesce(t.under_way, false) as "hasTaskUnderWay"
     from agents a left join (
       select agent_id, bool_or(state = 'pending') as pending, bool_or(state <> 'pending') as under_way
       from tasks where state in ('pending', 'delivered', 'running') and agent_id = any($1::uuid[]) group by agent_id
     ) t on t.agent_id = a.id
     cross join waf_state w
     where a.id = any($1::uuid[])`,
    [ids],
  );
}

/**
 * Writes when agents were last seen, many at once. Says nothing of agents that are offline: a heartbeat that was written
 * late must not bring back an agent that has said goodbye since.
 * @param now of the clock that `seenAt` was read from; only the ages count, because the workers compare with the
 *   database's clock
 */
export async function recordLastSeen(tx: DatabaseSession, seen: readonly SeenAgent[], now: Date): Promise<void> {
  await tx.query(
    `update agents set last_seen_at = greatest(agents.last_seen_at, seen.at), bus = seen.bus, version = seen.version
     from (
       select a.id, now() - s.age_ms * interval '1 millisecond' as at, s.bus, s.version from agents a
       join unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) as s (id, age_ms, bus, version) on s.id = a.id
       where a.status = 'online' order by a.id for no key update of a
     ) as seen where agents.id = seen.id`,
    [
      seen.map(({ id }) => id),
      seen.map(({ seenAt }) => Math.max(0, now.getTime() - seenAt.getTime())),
      seen.map(({ bus }) => bus),
      seen.map(({ version }) => version),
    ],
  );
}

/**
 * Brings an agent online, with its event; false when another process has done so already. The session comes with it: the
 * late goodbye of the one before must find that it was replaced.
 */
export async function markAgentOnline(
  tx: DatabaseSession,
  { id, seenAt, bus, version, sessionId }: SeenAgent & { readonly sessionId: string | null },
): Promise<boolean> {
  const [row] = await queryRows<{ name: string }>(
    tx,
    `update agents set status = 'online', last_seen_at = now(), bus = $2, version = $3,
       session_id = coalesce($4, session_id)
     where id = $1 and status = 'offline' returning name`,
    [id, bus, version, sessionId],
  );
  if (row === undefined) return false;
  await recordEvents(tx, [
    { kind: 'agent.online', at: seenAt, agentId: id, serviceId: null, data: { name: row.name, version } },
  ]);
  return true;
}

/** What the agent says that its nginx serves; null for nothing. */
export async function setAppliedRevision(
  tx: DatabaseSession,
  id: string,
  revision: string | null,
  at: Date,
): Promise<void> {
  await tx.query('update agents set applied_revision = $2, applied_at = $3 where id = $1', [
    id,
    revision,
    revision === null ? null : at,
  ]);
}

export async function setAgentFacts(tx: DatabaseSession, id: string, facts: AgentFacts): Promise<void> {
  await tx.query('update agents set facts = $2 where id = $1', [id, storableJson(facts)]);
}

/** @param offsetMs the Core's clock less the agent's; null while the agent does not know it */
export async function setClockOffset(tx: DatabaseSession, agentId: string, offsetMs: number | null): Promise<void> {
  await tx.query('update agents set clock_offset_ms = $2 where id = $1 and clock_offset_ms is distinct from $2::int', [
    agentId,
    offsetMs,
  ]);
}

export async function setAgentContainers(
  tx: DatabaseSession,
  id: string,
  containers: readonly ObservedContainer[],
  reportedAt: Date,
): Promise<void> {
  await tx.query('update agents set containers = $2, containers_reported_at = $3 where id = $1', [
    id,
    storableJson(containers),
    reportedAt,
  ]);
}
