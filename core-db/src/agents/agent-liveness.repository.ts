import { queryRows, type DatabaseSession } from '../database-session.ts';
import { recordEvents } from '../outbox/outbox.repository.ts';

/** An agent that was online until now. */
export interface DepartedAgent {
  readonly id: string;
  readonly name: string;
  readonly lastSeenAt: Date | null;
}

const DEPARTED = 'id, name, last_seen_at as "lastSeenAt"';

/**
 * Marks agents offline that were silent for `silenceMs` by the database's clock, each with its event. A row that another
 * transaction holds is left alone: either another worker is at it, or a heartbeat is being written.
 */
export async function markSilentAgentsOffline(tx: DatabaseSession, silenceMs: number): Promise<DepartedAgent[]> {
  const departed = await queryRows<DepartedAgent>(
    tx,
    `update agents set status = 'offline'
     where id = any(array(
       select id from agents where status = 'online' and last_seen_at < now() - $1 * interval '1 millisecond'
       order by id for update skip locked))
     returning ${DEPARTED}`,
    [silenceMs],
  );
  await recordDepartures(tx, departed, 'silent');
  return departed;
}

/**
 * Marks an agent offline that said goodbye, with its event. Null when it was offline already, or when the goodbye is of
 * another session than the one that heartbeats: a program that was replaced must not take its successor offline.
 */
export async function markLeavingAgentOffline(
  tx: DatabaseSession,
  { agentId, sessionId }: { readonly agentId: string; readonly sessionId: string },
): Promise<DepartedAgent | null> {
  const departed = await queryRows<DepartedAgent>(
    tx,
    `update agents set status = 'offline'
     where id = $1 and status = 'online' and (session_id is null or session_id = $2)
     returning ${DEPARTED}`,
    [agentId, sessionId],
  );
  await recordDepartures(tx, departed, 'left');
  return departed[0] ?? null;
}

async function recordDepartures(
  tx: DatabaseSession,
  departed: readonly DepartedAgent[],
  cause: 'silent' | 'left',
): Promise<void> {
  const at = new Date();
  await recordEvents(
    tx,
    departed.map(({ id, name, lastSeenAt }) => ({
      kind: 'agent.offline' as const,
      at,
      agentId: id,
      serviceId: null,
      data: { name, cause, lastSeenAt: lastSeenAt?.toISOString() ?? null },
    })),
  );
}
