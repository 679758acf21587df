import { createHash, randomBytes } from 'node:crypto';
import type { BasicAuthHashed, BasicAuthInput } from '@flotilla/contracts';
import { BadRequest } from '../http/index.ts';

const SALT_BYTES = 16;

/**
 * nginx's `{SSHA}`: base64 of SHA-1(password + salt) + salt (RFC 2307 and ngx_http_auth_basic_module). The strongest
 * form that nginx checks without holding up its event loop.
 */
export function hashForNginx(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

/**
 * Hashes the passwords that were typed; a user without one keeps the stored one.
 * @throws BadRequest that names each user who has neither
 */
export function hashBasicAuth(input: BasicAuthInput | null, stored: BasicAuthHashed | null): BasicAuthHashed | null {
  if (input === null) return null;
  const kept = new Map(stored?.users.map(({ username, passwordHash }) => [username, passwordHash]));
  const missing = input.users.flatMap(({ username, password }, index) =>
    password === undefined && !kept.has(username)
      ? [{ field: `basicAuth.users.${index}.password`, message: `is needed for the new user ${username}` }]
      : [],
  );
  if (missing.length > 0) throw new BadRequest('Some users have no password.', missing);
  const users = input.users.map(({ username, password }) => ({
    username,
    passwordHash: password === undefined ? (kept.get(username) ?? '') : hashForNginx(password),
  }));
  return { realm: input.realm, users };
}
