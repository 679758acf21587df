import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeMissingSecrets } from './setup/write-secrets.ts';
import { callApi } from './testing/api-caller.ts';

const administrator = { email: 'admin@example.com', password: 'correct horse battery' };

let database: TestDatabase;
let secretsDir: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  secretsDir = await mkdtemp(join(tmpdir(), 'flotilla-secrets-'));
  await writeMissingSecrets(secretsDir);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await database.close();
  await rm(secretsDir, { recursive: true });
});

/** Starts a program of core-api with these settings and no others. */
function start(file: string, settings: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], {
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return { child, output, exited };
}

const goodSettings = () => ({
  FLOTILLA_DATABASE_URL: database.url,
  FLOTILLA_SECRETS_DIR: secretsDir,
  FLOTILLA_PUBLIC_URL: 'http://127.0.0.1:8080',
  FLOTILLA_API_PORT: '0',
  // Nothing listens there: the API has to work without the bus.
  FLOTILLA_NATS_URL: 'nats://127.0.0.1:1',
  FLOTILLA_ADMIN_EMAIL: administrator.email,
  FLOTILLA_ADMIN_PASSWORD: administrator.password,
});

/** Base URLs of the API and of the port for health and figures. */
async function waitUntilListening({
  output,
  exited,
}: ReturnType<typeof start>): Promise<[api: string, health: string]> {
  const deadline = Date.now() + 20_000;
  let code: number | null | undefined;
  void exited.then((exitCode) => (code = exitCode));
  for (;;) {
    const [, port, health] = /"port":(\d+),"healthPort":(\d+),"msg":"listening"/.exec(output.out) ?? [];
    if (port !== undefined) return [`http://127.0.0.1:${port}`, `http://127.0.0.1:${health}`];
    if (code !== undefined || Date.now() > deadline)
      throw new Error(`did not start (${code}):\n${output.out}${output.err}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('core-api', () => {
  it('names all wrong settings at once and exits with 1', async () => {
    const { output, exited } = start('main.ts', {
      FLOTILLA_DATABASE_URL: 'mysql://h/d',
      FLOTILLA_API_PORT: 'http',
      FLOTILLA_TRUSTED_PROXIES: 'everybody',
    });
    expect(await exited).toBe(1);
    const named = ['DATABASE_URL', 'API_PORT', 'TRUSTED_PROXIES', 'SECRETS_DIR', 'PUBLIC_URL'];
    expect(named.filter((name) => !output.out.includes(`"setting":"FLOTILLA_${name}"`))).toEqual([]);
  });

  it('starts as several processes at once, works without the bus, and stops in order', async () => {
    const processes = [start('main.ts', goodSettings()), start('main.ts', goodSettings())];
    const urls = (await Promise.all(processes.map(waitUntilListening))).map(([api]) => api);
    for (const url of urls) {
      expect((await callApi(url, 'GET', '/api/ping')).status).toBe(200);
      const ready = await callApi(url, 'GET', '/api/health/ready');
      expect(ready).toMatchObject({
        status: 503,
        body: {
          checks: [
            { name: 'database', ok: true },
            { name: 'bus', ok: false },
          ],
        },
      });
      const login = await callApi(url, 'POST', '/api/auth/login', { json: administrator });
      expect(login).toMatchObject({ status: 200, body: { user: { role: 'admin', mustChangePassword: false } } });
      // A token of one process is good for the other: they are stateless.
      const { accessToken } = login.body as { accessToken: string };
      for (const other of urls) {
        expect((await callApi(other, 'GET', '/api/auth/me', { token: accessToken })).status).toBe(200);
      }
    }
    for (const { child } of processes) child.kill('SIGTERM');
    expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual([0, 0]);
    for (const { output } of processes) {
      expect(output.out).toContain('"msg":"stopped"');
      expect(output.out).not.toContain(administrator.password);
    }
  });

  it('tells its figures on the port for them, and not on the API’s', async () => {
    const [api, health] = await waitUntilListening(start('main.ts', goodSettings()));
    await callApi(api, 'GET', '/api/ping');
    for (const path of ['/metrics', '/api/metrics']) expect((await callApi(api, 'GET', path)).status).toBe(404);
    const answer = await fetch(`${health}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await answer.text();
    expect(text).toMatch(/flotilla_api_request_duration_seconds_count\{[^}]*route="\/api\/ping"[^}]*\} 1\n/);
    expect(text).toMatch(/flotilla_bus_connected\{[^}]*bus="core"[^}]*\} 0\n/);
    expect(text).toMatch(/flotilla_database_pool\{[^}]*state="open"[^}]*\} [1-9]/);
    expect(text).not.toContain('/metrics"');
  });
});

describe('create-join-token', () => {
  const file = 'setup/create-join-token.ts';

  it('prints a token and nothing else', async () => {
    const { output, exited } = start(file, { FLOTILLA_DATABASE_URL: database.url, FLOTILLA_API_PORT: '1' });
    expect(await exited).toBe(0);
    expect(output.out).toMatch(/^flj_[\w-]{43}\n$/);
    const rows: object[] = await database.session.query('select created_by_name, used_at from join_tokens');
    expect(rows).toEqual([{ created_by_name: 'create-join-token', used_at: null }]);
  });

  it('says what is missing', async () => {
    const { output, exited } = start(file, {});
    expect(await exited).toBe(1);
    expect(output).toMatchObject({ out: '', err: expect.stringContaining('FLOTILLA_DATABASE_URL') });
  });
});
