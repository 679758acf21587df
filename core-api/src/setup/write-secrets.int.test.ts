import { mkdtemp, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretKey } from '../shared/secret-files.ts';
import { writeMissingSecrets } from './write-secrets.ts';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'flotilla-secrets-')), 'secrets');
});
afterEach(() => rm(join(dir, '..'), { recursive: true }));

async function readAll(): Promise<Record<string, string>> {
  const files = await readdir(dir);
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(join(dir, file), 'utf8')] as const)),
  );
}

describe('writeMissingSecrets', () => {
  it('makes files that only their owner reads, and keys of 32 bytes', async () => {
    expect(await writeMissingSecrets(dir)).toContain('coreCreds');
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(dir)) expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600);
    expect((await readSecretKey(dir, 'encryptionKey')).length).toBe(32);
    expect((await readSecretKey(dir, 'tokenKey')).length).toBe(32);
  });

  it('changes nothing the second time', async () => {
    await writeMissingSecrets(dir);
    const before = await readAll();
    expect(await writeMissingSecrets(dir)).toEqual([]);
    expect(await readAll()).toEqual(before);
  });

  it('makes a missing key and leaves the rest', async () => {
    await writeMissingSecrets(dir);
    const before = await readAll();
    await unlink(join(dir, 'token.key'));
    expect(await writeMissingSecrets(dir)).toEqual(['tokenKey']);
    expect(await readAll()).toMatchObject({ 'operator.seed': before['operator.seed'] });
  });

  it('refuses to mix an old trust chain with a new one, and names what is missing', async () => {
    await writeMissingSecrets(dir);
    await unlink(join(dir, 'account.jwt'));
    await expect(writeMissingSecrets(dir)).rejects.toThrow(/lacks account\.jwt.*backup/);
    expect(await readdir(dir)).not.toContain('account.jwt');
  });
});
