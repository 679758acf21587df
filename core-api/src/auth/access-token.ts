import { callbackify } from 'node:util';
import jwt from 'jsonwebtoken';
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt';
import { z } from 'zod';

const LIFETIME_MS = 15 * 60_000;
const ISSUER = 'flotilla-core';
const AUDIENCE = 'flotilla-api';
/** Fixed on both sides: a token never chooses how it is checked (RFC 8725 §3.1). */
const ALGORITHM = 'HS256';
/** RFC 7518 §3.2: the key of HS256 has at least the size of the hash. */
const MIN_KEY_BYTES = 32;

const claims = z.object({ sub: z.uuid(), sid: z.uuid() });

export interface AccessClaims {
  readonly userId: string;
  /** The refresh family; when it ends, the token ends with it. */
  readonly sessionId: string;
}

export interface AccessToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Signs an access token. It carries no role: that is read from the database with each request. */
export function signAccessToken(key: Buffer, { userId, sessionId }: AccessClaims, now: Date): AccessToken {
  assertKeySize(key);
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expiresAt = issuedAt + LIFETIME_MS / 1000;
  const accessToken = jwt.sign({ sid: sessionId, iat: issuedAt, exp: expiresAt }, key, {
    algorithm: ALGORITHM,
    issuer: ISSUER,
    audience: AUDIENCE,
    subject: userId,
  });
  return { accessToken, expiresAt: new Date(expiresAt * 1000) };
}

/**
 * The passport strategy that reads what `signAccessToken` signed.
 * @param findUser null when the user or the session has ended
 */
export function accessTokenStrategy<User>(
  key: Buffer,
  findUser: (claims: AccessClaims) => Promise<User | null>,
): JwtStrategy {
  assertKeySize(key);
  const options = {
    secretOrKey: key,
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    algorithms: [ALGORITHM as typeof ALGORITHM],
    issuer: ISSUER,
    audience: AUDIENCE,
  };
  const verify = async (payload: unknown) => {
    const parsed = claims.safeParse(payload);
    return parsed.success ? findUser({ userId: parsed.data.sub, sessionId: parsed.data.sid }) : null;
  };
  return new JwtStrategy(options, callbackify(verify));
}

function assertKeySize(key: Buffer): void {
  if (key.length < MIN_KEY_BYTES) throw new Error(`the access-token key has ${key.length} bytes, not ${MIN_KEY_BYTES}`);
}
