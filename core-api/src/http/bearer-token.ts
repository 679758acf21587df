import type { IncomingMessage } from 'node:http';

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1; the scheme's case does not matter), null without one. */
export function bearerToken(request: IncomingMessage): string | null {
  const match = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}
