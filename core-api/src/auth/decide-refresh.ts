/** Two tabs of one browser may send the same cookie at once; only the first of them finds it unused. */
export const REUSE_GRACE_MS = 10_000;

export interface StoredRefreshToken {
  readonly expiresAt: Date;
  /** When it was exchanged for its successor. */
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

export type RefreshDecision =
  | { readonly action: 'rotate' }
  | { readonly action: 'refuse'; readonly reason: string }
  | { readonly action: 'end-family'; readonly reason: string };

/**
 * What a refresh token is worth:
 *
 *     fresh ──exchanged──▶ used ──10 s──▶ spent ──sent again──▶ the whole family ends
 *       │                   └─ sent again: another successor, for the other tab
 *       └─ expired, or its family ended: refused
 *
 * The grace costs this: somebody who stole a token and sends it within 10 s of its owner is not noticed. Without it a
 * browser that restores two tabs would sign its user out.
 */
export function decideRefresh(token: StoredRefreshToken, now: Date): RefreshDecision {
  if (token.revokedAt !== null) return { action: 'refuse', reason: 'The session has ended. Sign in again.' };
  if (token.expiresAt <= now) return { action: 'refuse', reason: 'The session has expired. Sign in again.' };
  if (token.usedAt === null || now.getTime() - token.usedAt.getTime() <= REUSE_GRACE_MS) return { action: 'rotate' };
  return { action: 'end-family', reason: 'The session’s cookie was used twice, so it has ended. Sign in again.' };
}
