import { queryRows, type DatabaseSession } from '../database-session.ts';
import { recordEvents } from '../outbox/outbox.repository.ts';

export async function setAgentSession(tx: DatabaseSession, id: string, sessionId: string): Promise<void> {
  await tx.query('update agents set session_id = $2 where id = $1', [id, sessionId]);
}

/**
 * Records that two live sessions share one agent's id, once a pair: several processes notice it, and each again after a
 * restart. Call it with the agent locked.
 */
export async function recordDuplicateSession(
  tx: DatabaseSession,
  agent: { readonly id: string; readonly name: string },
  pair: readonly [string, string],
  at: Date,
): Promise<void> {
  const sessions = pair.toSorted();
  const known = await queryRows(
    tx,
    `select id from outbox where payload->>'kind' = 'agent.duplicate_session' and payload->>'agentId' = $1::text
       and payload->'data'->'sessions' = $2::jsonb
     union all
     select id from events where kind = 'agent.duplicate_session' and agent_id = $1::uuid
       and data->'sessions' = $2::jsonb
     limit 1`,
    [agent.id, JSON.stringify(sessions)],
  );
  if (known.length > 0) return;
  await recordEvents(tx, [
    {
      kind: 'agent.duplicate_session',
      at,
      agentId: agent.id,
      serviceId: null,
      data: { name: agent.name, sessions },
    },
  ]);
}
