import { mkdir, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readSecret } from '../shared/secret-files.ts';
import { renderNatsConfig, type NatsConfigInput } from './render-nats-config.ts';

/** Where the server listens and keeps its data; the rest of its configuration comes from the secrets. */
export type NatsPlacement = Pick<
  NatsConfigInput,
  'host' | 'port' | 'webSocketHost' | 'webSocketPort' | 'monitorPort' | 'storeDir' | 'syncInterval'
>;

/** Writes the nats-server configuration; a former one is replaced at once, never half. */
export async function writeNatsConfig(file: string, secretsDir: string, placement: NatsPlacement): Promise<void> {
  const storeDir = resolve(placement.storeDir);
  await mkdir(storeDir, { recursive: true, mode: 0o700 });
  const text = renderNatsConfig({
    ...placement,
    storeDir,
    operatorJwt: await readSecret(secretsDir, 'operatorJwt'),
    systemAccountId: await readSecret(secretsDir, 'systemAccountId'),
    systemAccountJwt: await readSecret(secretsDir, 'systemAccountJwt'),
    accountId: await readSecret(secretsDir, 'accountId'),
    accountJwt: await readSecret(secretsDir, 'accountJwt'),
  });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
