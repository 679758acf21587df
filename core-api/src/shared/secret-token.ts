import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** A new secret of 256 random bits: `<prefix>_` and 43 characters of base64url. */
export function makeSecretToken(prefix: string): string {
  return `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/**
 * What is stored of a secret token: SHA-256 in hex. A slow hash would add nothing: 256 random bits cannot be guessed.
 */
export function hashSecretToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
