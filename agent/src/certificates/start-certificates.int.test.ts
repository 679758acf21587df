import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificateStore, type CertificateStore } from './certificate-store.ts';
import { startCertificates, type Certificates } from './start-certificates.ts';

const BOUND = { timeout: 20_000, interval: 20 };
const hashOf = (pem: string) => createHash('sha256').update(pem).digest('hex');
const [a, b] = ['certificate a', 'certificate b'];
const siteOf = (pem: string) => ({ certificateHash: hashOf(pem) });

describe('the certificates of a node', () => {
  let folder: string;
  let store: CertificateStore;
  let ending: AbortController;
  let atCore: Map<string, string>;
  let asked: string[];
  let arrivals: number;
  let log: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-store-'));
    store = createCertificateStore(join(folder, 'certificates'));
    ending = new AbortController();
    atCore = new Map([a, b].map((pem) => [hashOf(pem), pem]));
    asked = [];
    arrivals = 0;
    log = '';
  });
  afterEach(async () => {
    ending.abort();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (): Certificates =>
    startCertificates({
      store,
      fetch: (hash) => {
        asked.push(hash);
        const pem = atCore.get(hash);
        return pem === undefined ? Promise.reject(new Error('the Core is away')) : Promise.resolve(pem);
      },
      onArrived: () => {
        arrivals += 1;
      },
      retryIntervalMs: 20,
      logger: createLogger({ name: 'agent', destination: { write: (line) => void (log += line) } }),
      signal: ending.signal,
    });

  it('are got once, readable by the owner alone, and go when no site needs them', async () => {
    const certificates = start();
    await certificates.prepare([siteOf(a), siteOf(b), siteOf(a), { certificateHash: null }]);
    expect(asked.toSorted()).toEqual([hashOf(a), hashOf(b)].toSorted());
    expect(await store.read(hashOf(a))).toBe(a);
    expect((await stat(join(folder, 'certificates', `${hashOf(a)}.pem`))).mode & 0o777).toBe(0o600);
    await certificates.prepare([siteOf(a)]);
    expect(asked).toHaveLength(2);
    expect(await readdir(join(folder, 'certificates'))).toEqual([`${hashOf(a)}.pem`]);
    expect(log).not.toContain(a);
  });

  it('are asked for again until they come, and then their sites are told', async () => {
    atCore.delete(hashOf(b));
    const certificates = start();
    await certificates.prepare([siteOf(a), siteOf(b)]);
    expect(await store.read(hashOf(b))).toBeNull();
    await expect.poll(() => asked.filter((hash) => hash === hashOf(b)).length, BOUND).toBeGreaterThan(2);
    expect(arrivals).toBe(0);
    atCore.set(hashOf(b), b);
    await expect.poll(() => arrivals, BOUND).toBe(1);
    expect(await store.read(hashOf(b))).toBe(b);
    const count = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked.length, 'asked for no more').toBe(count);
  });

  it('are not what they say when the Core, or the disk, has another content', async () => {
    atCore.set(hashOf(a), b);
    await start().prepare([siteOf(a)]);
    expect(await store.read(hashOf(a))).toBeNull();
    expect(log).toContain('another certificate');
    await writeFile(join(folder, 'certificates', `${hashOf(b)}.pem`), 'torn');
    expect(await store.read(hashOf(b))).toBeNull();
  });

  it('are asked for no more after the end', async () => {
    atCore.clear();
    const certificates = start();
    await certificates.prepare([siteOf(a)]);
    ending.abort();
    await certificates.finished;
    const count = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked.length).toBe(count);
  });
});
