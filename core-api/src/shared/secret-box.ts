import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names the form, so that another one can come beside it. */
const PREFIX = 'v1.';

/** A sealed text was changed, or sealed with another key: the secrets folder is not the one it was stored with. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** Encrypts what must lie in the database and be read again (AES-256-GCM, a nonce of its own for each text). */
export interface SecretBox {
  readonly seal: (text: string) => string;
  /** @throws SealError */
  readonly open: (sealed: string) => string;
}

/** @param key 32 bytes: `encryptionKey` of the secrets folder */
export function createSecretBox(key: Buffer): SecretBox {
  return {
    seal: (text) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, encrypted, cipher.getAuthTag()]).toString('base64url');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
      if (!sealed.startsWith(PREFIX) || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealError('is not sealed');
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const encrypted = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
        return Buffer.concat([decipher.update(encrypted), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new SealError('cannot be opened: it was changed, or sealed with another key', { cause });
      }
    },
  };
}
