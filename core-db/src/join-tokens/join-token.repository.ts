import { queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import type { JoinTokenRow } from './join-token.entity.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';

export type NewJoinToken = Omit<JoinTokenRow, 'id' | 'usedAt' | 'usedByAgentId'>;
/** A token as lists show one: nothing that could let somebody in. */
export type JoinTokenRecord = Omit<JoinTokenRow, 'tokenHash' | 'createdById'>;

/** What consuming a token came to. */
export type JoinTokenConsumption =
  | { readonly outcome: 'consumed'; readonly id: string; readonly agentName: string | null }
  | { readonly outcome: 'unknown' | 'used' | 'expired' };

const RECORD = `id, agent_name as "agentName", created_at as "createdAt", created_by_name as "createdByName",
  expires_at as "expiresAt", used_at as "usedAt", used_by_agent_id as "usedByAgentId"`;

export async function insertJoinToken(tx: DatabaseSession, token: NewJoinToken): Promise<JoinTokenRecord> {
  const rows = await queryRows<JoinTokenRecord>(
    tx,
    `insert into join_tokens (id, token_hash, agent_name, created_at, created_by_name, created_by_id, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${RECORD}`,
    [
      newId(),
      token.tokenHash,
      token.agentName,
      token.createdAt,
      token.createdByName,
      token.createdById,
      token.expiresAt,
    ],
  );
  const [inserted] = rows;
  if (inserted === undefined) throw new Error('the insert returned no row');
  return inserted;
}

export async function listJoinTokens(db: DatabaseSession, query: PageQuery): Promise<SelectedPage<JoinTokenRecord>> {
  return selectPage(db, {
    columns: RECORD,
    from: 'join_tokens',
    searched: ['agent_name', 'created_by_name'],
    sortable: { createdAt: 'created_at', expiresAt: 'expires_at' },
    query,
  });
}

/** Removes a token; null when there is none. */
export async function deleteJoinToken(tx: DatabaseSession, id: string): Promise<JoinTokenRecord | null> {
  const rows = await queryRows<JoinTokenRecord>(tx, `select ${RECORD} from join_tokens where id = $1 for update`, [id]);
  await tx.query('delete from join_tokens where id = $1', [id]);
  return rows[0] ?? null;
}

/**
 * Uses a token up. Of several transactions that try at once, one consumes it and the others find it used; rolled back,
 * it is open again. Call `recordJoinTokenUse` in the same transaction once the agent's row is there.
 * @param tokenHash SHA-256 of the token, in hex
 */
export async function consumeJoinToken(
  tx: DatabaseSession,
  tokenHash: string,
  now: Date,
): Promise<JoinTokenConsumption> {
  const rows = await queryRows<Pick<JoinTokenRow, 'id' | 'agentName' | 'expiresAt' | 'usedAt'>>(
    tx,
    `select id, agent_name as "agentName", expires_at as "expiresAt", used_at as "usedAt"
     from join_tokens where token_hash = $1 for update`,
    [tokenHash],
  );
  const [token] = rows;
  if (token === undefined) return { outcome: 'unknown' };
  if (token.usedAt !== null) return { outcome: 'used' };
  if (token.expiresAt <= now) return { outcome: 'expired' };
  await tx.query('update join_tokens set used_at = $2 where id = $1', [token.id, now]);
  return { outcome: 'consumed', id: token.id, agentName: token.agentName };
}

/** Says which agent a consumed token has let in. */
export async function recordJoinTokenUse(tx: DatabaseSession, id: string, agentId: string): Promise<void> {
  await tx.query('update join_tokens set used_by_agent_id = $2 where id = $1', [id, agentId]);
}
