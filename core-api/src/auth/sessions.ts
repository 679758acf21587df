import { randomUUID } from 'node:crypto';
import {
  endRefreshFamily,
  findSessionUser,
  insertRefreshToken,
  lockRefreshToken,
  markRefreshTokenUsed,
  recordAudit,
  type DatabaseSession,
  type SessionUser,
} from '@flotilla/core-db';
import { Unauthorized } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import { hashSecretToken, makeSecretToken } from '../shared/secret-token.ts';
import { signAccessToken } from './access-token.ts';
import { decideRefresh } from './decide-refresh.ts';

/** A session that is not used for this long ends. */
const REFRESH_LIFETIME_MS = 14 * 86_400_000;

export interface SessionDeps {
  readonly tokenKey: Buffer;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly now: () => Date;
}

export interface OpenSession {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly user: SessionUser;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
}

/** Begins a session: a new family of refresh tokens, and its first access token. */
export async function openSession(deps: SessionDeps, tx: DatabaseSession, user: SessionUser): Promise<OpenSession> {
  return continueSession(deps, tx, user, randomUUID());
}

/**
 * Exchanges a refresh token for its successor.
 * @throws Unauthorized when it is unknown, expired, of an ended session, or used before (which ends the session)
 */
export async function refreshSession(
  deps: SessionDeps,
  refreshToken: string | null,
  clientAddress: string | null,
): Promise<OpenSession> {
  if (refreshToken === null) throw new Unauthorized('There is no session. Sign in.');
  // A refusal is returned, not thrown, so that the transaction that ends the family commits.
  const outcome = await deps.inTransaction(async (tx) => {
    const now = deps.now();
    const token = await lockRefreshToken(tx, hashSecretToken(refreshToken));
    const user = token === null ? null : await findSessionUser(tx, token.userId);
    if (token === null || user === null) return new Unauthorized('The session is not known. Sign in again.');
    const decision = decideRefresh(token, now);
    switch (decision.action) {
      case 'rotate':
        await markRefreshTokenUsed(tx, token.id, now);
        return continueSession(deps, tx, user, token.familyId);
      case 'end-family':
        await endRefreshFamily(tx, token.familyId, now);
        await recordAudit(tx, {
          action: 'auth.session_reuse',
          actor: { kind: 'system', id: null, name: 'core-api' },
          subject: { kind: 'user', id: user.id, name: user.email },
          clientAddress,
        });
        return new Unauthorized(decision.reason);
      case 'refuse':
        return new Unauthorized(decision.reason);
    }
  });
  if (outcome instanceof Unauthorized) throw outcome;
  return outcome;
}

/** Ends the session that a refresh token belongs to. An unknown token is none: there is nothing to end. */
export async function endSession(
  deps: SessionDeps,
  refreshToken: string | null,
  clientAddress: string | null,
): Promise<void> {
  if (refreshToken === null) return;
  await deps.inTransaction(async (tx) => {
    const token = await lockRefreshToken(tx, hashSecretToken(refreshToken));
    if (token === null || token.revokedAt !== null) return;
    await endRefreshFamily(tx, token.familyId, deps.now());
    const user = await findSessionUser(tx, token.userId);
    if (user === null) return;
    const subject = { kind: 'user', id: user.id, name: user.email };
    await recordAudit(tx, { action: 'auth.logout', actor: userActor(user), subject, clientAddress });
  });
}

async function continueSession(
  deps: SessionDeps,
  tx: DatabaseSession,
  user: SessionUser,
  familyId: string,
): Promise<OpenSession> {
  const now = deps.now();
  const refreshToken = makeSecretToken('flr');
  const refreshExpiresAt = new Date(now.getTime() + REFRESH_LIFETIME_MS);
  await insertRefreshToken(tx, {
    familyId,
    userId: user.id,
    tokenHash: hashSecretToken(refreshToken),
    createdAt: now,
    expiresAt: refreshExpiresAt,
  });
  return {
    ...signAccessToken(deps.tokenKey, { userId: user.id, sessionId: familyId }, now),
    user,
    refreshToken,
    refreshExpiresAt,
  };
}
