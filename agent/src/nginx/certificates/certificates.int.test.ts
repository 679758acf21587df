import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  makeAuthority,
  type IssuedCertificate,
  type TestAuthority,
} from '../../certificates/testing/make-authority.ts';
import { buildDesiredState, buildSite, type SiteDraft } from '../testing/build-site.ts';
import { sendRequest } from '../testing/send-request.ts';
import { startBackend, type Backend } from '../testing/start-backend.ts';
import { makeSettings, startProxy, type TestProxy } from '../testing/start-proxy.ts';

const HOST = 'shop.example.com';
const run = promisify(execFile);

describe('a site that is served with a certificate of the Core’s', () => {
  let folder: string;
  let authority: TestAuthority;
  let backend: Backend;
  let node: TestProxy;
  let first: IssuedCertificate;
  let second: IssuedCertificate;
  const here = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-authority-'));
    authority = makeAuthority(folder);
    first = authority.issue(HOST);
    second = authority.issue(HOST);
    backend = await startBackend('shop');
    node = await startProxy(await makeSettings(), {
      readCertificate: (hash) => Promise.resolve(here.get(hash) ?? null),
    });
  });
  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    here.clear();
    here.set(first.hash, first.pem).set(second.hash, second.pem);
  });

  const apply = (certificateHash: string | null, tls: Partial<SiteDraft['tls']> = {}) => {
    const site = buildSite({
      serviceId: '0190a0b0-1111-7222-8333-444455556666',
      target: { host: '127.0.0.1', port: backend.port },
      tls: { mode: 'certificate', ...tls },
      certificateHash,
    });
    return node.proxy.apply(buildDesiredState(site));
  };
  const ask = (tls: boolean) =>
    sendRequest({ port: tls ? node.settings.httpsPort : node.settings.httpPort, host: HOST, tls });

  /** What a client that trusts the root alone sees. */
  const connect = async (...args: string[]): Promise<string> => {
    const target = ['-connect', `127.0.0.1:${node.settings.httpsPort}`, '-servername', HOST];
    const trust = ['-CAfile', authority.rootFile, '-verify_return_error', '-verify_hostname', HOST];
    const running = run('openssl', ['s_client', ...target, ...trust, ...args]);
    running.child.stdin?.end();
    const { stdout, stderr } = await running.catch((error: unknown) => error as { stdout: string; stderr: string });
    return `${stdout}${stderr}`;
  };
  const serialOf = async (): Promise<string> =>
    /serial=(\w+)/.exec(
      (
        await run('sh', [
          '-c',
          `openssl s_client -connect 127.0.0.1:${node.settings.httpsPort} -servername ${HOST} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
        ])
      ).stdout,
    )?.[1] ?? '';

  it('is trusted by whoever trusts the root, with the chain in its order', async () => {
    expect(await apply(first.hash)).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    const seen = await connect('-showcerts');
    expect(seen).toContain('Verify return code: 0 (ok)');
    expect([...seen.matchAll(/^ *\d+ s:CN ?= ?(\S+)$/gm)].map(([, name]) => name)).toEqual(['leaf-1', 'Between']);
    expect(await connect('-verify_hostname', 'other.example.com'), 'the control').not.toContain(
      'Verify return code: 0',
    );
  });

  it.each([
    ['TLS 1.3', ['-tls1_3'], true],
    ['TLS 1.2', ['-tls1_2'], true],
    ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], false],
    ['TLS 1.2 without forward secrecy', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'], false],
    ['TLS 1.2 with CBC', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'], false],
  ])('%s', async (_, args, isSpoken) => {
    await apply(first.hash);
    const seen = await connect(...args);
    expect(seen.includes('Verify return code: 0 (ok)') && !seen.includes('Cipher is (NONE)')).toBe(isSpoken);
  });

  it('gives no session tickets', async () => {
    await apply(first.hash);
    const seen = await connect('-tls1_2');
    expect(seen).toContain('Verify return code: 0 (ok)');
    expect(seen).not.toContain('TLS session ticket:');
  });

  it('keeps keys for the owner alone', async () => {
    await apply(first.hash);
    const files = await readdir(join(node.settings.directory, 'certificates'));
    expect(files).toContain(`${first.hash}.pem`);
    for (const file of files) {
      expect((await stat(join(node.settings.directory, 'certificates', file))).mode & 0o777).toBe(0o600);
    }
  });

  it('goes over to another one', async () => {
    await apply(first.hash);
    const before = await serialOf();
    await apply(second.hash);
    expect(await serialOf()).not.toBe(before);
    expect(await connect()).toContain('Verify return code: 0 (ok)');
  });

  it('sends to HTTPS and promises it where that is wanted, by HTTPS alone', async () => {
    await apply(first.hash, { redirectHttp: true, hstsSeconds: 86_400 });
    const plain = await ask(false);
    expect([plain.status, plain.headers['strict-transport-security']]).toEqual([308, undefined]);
    expect((await ask(true)).headers['strict-transport-security']).toBe('max-age=86400');
    await apply(first.hash, { hstsSeconds: 86_400 });
    expect((await ask(false)).headers['strict-transport-security']).toBeUndefined();
    expect((await ask(true)).headers['strict-transport-security']).toBe('max-age=86400');
  });

  it('is served with the node’s own one while the Core has none, and sends nobody there', async () => {
    await apply(null, { redirectHttp: true, hstsSeconds: 86_400 });
    expect((await ask(false)).status).toBe(200);
    const secure = await ask(true);
    expect([secure.status, secure.headers['strict-transport-security']]).toEqual([200, undefined]);
    expect(await connect()).not.toContain('Verify return code: 0');
  });

  it('goes on as it was while its new certificate is not on the node, and takes it when it came', async () => {
    await apply(first.hash);
    const before = await serialOf();
    const third = authority.issue(HOST);
    expect(await apply(third.hash)).toMatchObject({
      outcome: 'applied',
      rejectedSites: [{ reason: expect.stringContaining('not on the node yet') as string }],
    });
    // What the Core no longer has is not in the store any more.
    here.clear();
    await node.proxy.reresolve();
    expect(await serialOf()).toBe(before);
    here.set(third.hash, third.pem);
    await node.proxy.reresolve();
    await expect.poll(serialOf, { timeout: 20_000, interval: 100 }).not.toBe(before);
  });
});
