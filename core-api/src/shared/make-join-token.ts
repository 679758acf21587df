import { JOIN_TOKEN_LIFETIME_MS } from '@flotilla/contracts';
import type { NewJoinToken } from '@flotilla/core-db';
import { hashSecretToken, makeSecretToken } from './secret-token.ts';

export interface MadeJoinToken {
  /** Shown once, to whoever asked for it. */
  readonly token: string;
  readonly row: NewJoinToken;
}

/** Makes a join token: the secret, and what is stored of it. */
export function makeJoinToken(
  { agentName, createdBy }: { agentName: string | null; createdBy: { id: string | null; name: string } },
  now: Date,
): MadeJoinToken {
  const token = makeSecretToken('flj');
  const expiresAt = new Date(now.getTime() + JOIN_TOKEN_LIFETIME_MS);
  return {
    token,
    row: {
      tokenHash: hashSecretToken(token),
      agentName,
      createdAt: now,
      createdById: createdBy.id,
      createdByName: createdBy.name,
      expiresAt,
    },
  };
}
