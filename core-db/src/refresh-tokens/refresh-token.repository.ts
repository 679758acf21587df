import { queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import type { RefreshTokenRow } from './refresh-token.entity.ts';

/** A refresh token; those of one session share a family. */
export type RefreshTokenRecord = Pick<
  RefreshTokenRow,
  'id' | 'familyId' | 'userId' | 'expiresAt' | 'usedAt' | 'revokedAt'
>;
export type NewRefreshToken = Pick<RefreshTokenRow, 'familyId' | 'userId' | 'tokenHash' | 'createdAt' | 'expiresAt'>;

export async function insertRefreshToken(tx: DatabaseSession, token: NewRefreshToken): Promise<void> {
  const { familyId, userId, tokenHash, createdAt, expiresAt } = token;
  await tx.query(
    `insert into refresh_tokens (id, family_id, user_id, token_hash, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [newId(), familyId, userId, tokenHash, createdAt, expiresAt],
  );
}

/**
 * Finds a token and holds its family until the transaction ends. The lock is the family's, not the row's: ending a
 * family touches all its rows, and two transactions that each hold one of them would wait for each other.
 */
export async function lockRefreshToken(tx: DatabaseSession, tokenHash: string): Promise<RefreshTokenRecord | null> {
  await tx.query(
    'select pg_advisory_xact_lock(hashtextextended(family_id::text, 0)) from refresh_tokens where token_hash = $1',
    [tokenHash],
  );
  const rows = await queryRows<RefreshTokenRecord>(
    tx,
    `select id, family_id as "familyId", user_id as "userId", expires_at as "expiresAt", used_at as "usedAt",
       revoked_at as "revokedAt"
     from refresh_tokens where token_hash = $1`,
    [tokenHash],
  );
  return rows[0] ?? null;
}

/** Keeps the time of the first use. */
export async function markRefreshTokenUsed(tx: DatabaseSession, id: string, now: Date): Promise<void> {
  await tx.query('update refresh_tokens set used_at = $2 where id = $1 and used_at is null', [id, now]);
}

export async function endRefreshFamily(tx: DatabaseSession, familyId: string, now: Date): Promise<void> {
  await tx.query('update refresh_tokens set revoked_at = $2 where family_id = $1 and revoked_at is null', [
    familyId,
    now,
  ]);
}

/** Ends all sessions of a user, but for the family `except`. */
export async function endRefreshFamiliesOfUser(
  tx: DatabaseSession,
  userId: string,
  now: Date,
  { except = null }: { except?: string | null } = {},
): Promise<void> {
  await tx.query(
    `update refresh_tokens set revoked_at = $2
     where user_id = $1 and revoked_at is null and ($3::uuid is null or family_id <> $3)`,
    [userId, now, except],
  );
}
