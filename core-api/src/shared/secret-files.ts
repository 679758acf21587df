import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The Core's secrets: files of one folder, each with mode 0600. `init-secrets.ts` makes them once; nothing overwrites
 * them. Not needed after that, and best kept elsewhere: `operatorIdentity` and `accountIdentity`.
 */
export const SECRET_FILES = {
  /** Seed of the operator's identity key; replaces the signing key when that leaks. */
  operatorIdentity: 'operator.identity.seed',
  /** Seed of the operator's signing key: signs account JWTs. */
  operatorSigning: 'operator.seed',
  operatorJwt: 'operator.jwt',
  systemAccountId: 'system.id',
  systemAccountJwt: 'system.jwt',
  /** User of the system account: may replace account JWTs on the server. */
  systemCreds: 'system.creds',
  /** Public key of the account that all Flotilla processes share. */
  accountId: 'account.id',
  /** Seed of the account's identity key; makes new users with full rights. */
  accountIdentity: 'account.identity.seed',
  /** Seed of the scoped key that signs agents' user JWTs. */
  accountSigning: 'account.signing.seed',
  /** The account's first JWT, without revocations. */
  accountJwt: 'account.jwt',
  /** User of the account with full rights, for core-api and core-workers. */
  coreCreds: 'core.creds',
  /** Key of the access tokens' HMAC, base64. */
  tokenKey: 'token.key',
  /** Key of the encryption of stored secrets, 32 bytes in base64. */
  encryptionKey: 'encryption.key',
} as const;

export type SecretName = keyof typeof SECRET_FILES;

/** Text of one secret, without its last line break. @throws when the file is missing */
export async function readSecret(dir: string, name: SecretName): Promise<string> {
  return (await readFile(join(dir, SECRET_FILES[name]), 'utf8')).trimEnd();
}

/** A secret that holds bytes in base64. */
export async function readSecretKey(dir: string, name: 'tokenKey' | 'encryptionKey'): Promise<Buffer> {
  return Buffer.from(await readSecret(dir, name), 'base64');
}

/** Which secrets the folder has; makes the folder when it is missing. */
export async function listSecrets(dir: string): Promise<SecretName[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files = new Set(await readdir(dir));
  return Object.keys(SECRET_FILES).filter((name): name is SecretName => files.has(SECRET_FILES[name as SecretName]));
}

/** Writes a secret that is not there yet, and on disk before it returns. @throws EEXIST rather than overwrite one */
export async function writeSecret(dir: string, name: SecretName, text: string): Promise<void> {
  const file = await open(join(dir, SECRET_FILES[name]), 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
