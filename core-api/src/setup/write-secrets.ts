import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { listSecrets, SECRET_FILES, writeSecret, type SecretName } from '../shared/secret-files.ts';
import { makeBusSecrets } from './make-bus-secrets.ts';

const KEY_BYTES = 32;

/** The folder has some of the bus's secrets and lacks others; new ones would not fit those that are there. */
export class IncompleteSecretsError extends Error {
  override readonly name = 'IncompleteSecretsError';

  constructor(dir: string, missing: readonly SecretName[]) {
    const files = missing.map((name) => SECRET_FILES[name]).join(', ');
    super(`${dir} lacks ${files}. Restore them from a backup, or move the folder away to start with new secrets.`);
  }
}

/**
 * Makes what is missing in the secrets folder and never overwrites anything.
 * @returns the names of what was made
 * @throws IncompleteSecretsError when only a part of the bus's secrets is there
 */
export async function writeMissingSecrets(dir: string): Promise<SecretName[]> {
  const present = new Set(await listSecrets(dir));
  await chmod(dir, 0o700);
  const made: SecretName[] = [];
  const write = async (name: SecretName, text: string) => {
    await writeSecret(dir, name, text);
    made.push(name);
  };
  const bus = Object.entries(await makeBusSecrets()) as [SecretName, string][];
  const missing = bus.filter(([name]) => !present.has(name));
  if (missing.length === bus.length) {
    for (const [name, text] of bus) await write(name, text);
  } else if (missing.length > 0) {
    throw new IncompleteSecretsError(
      dir,
      missing.map(([name]) => name),
    );
  }
  for (const name of ['tokenKey', 'encryptionKey'] as const) {
    if (!present.has(name)) await write(name, randomBytes(KEY_BYTES).toString('base64'));
  }
  return made;
}
