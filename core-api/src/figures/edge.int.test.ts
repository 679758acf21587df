import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findFreePorts } from '@flotilla/runtime/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { listenForTest, type TestServer } from '../http/testing/listen-for-test.ts';

const TEMPLATE = join(import.meta.dirname, '../../../nginx/core.conf.template');
/** Debian's package, as on the Core's machine. */
const NGINX = 'nginx';
const DASHBOARD = '<title>the dashboard</title>';

let dir: string;
let nginx: ChildProcess;
let behind: TestServer;
let port: number | undefined;
/** Paths that came through to the API. */
const seen: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-edge-'));
  await mkdir(join(dir, 'temp'));
  await writeFile(join(dir, 'index.html'), DASHBOARD);
  // Answers as if it had figures under every path.
  behind = await listenForTest((request, response) => {
    seen.push(request.url ?? '');
    response.end('flotilla_figures 1');
  });
  [port] = await findFreePorts(1);
  const values: Record<string, string> = {
    user: process.getuid?.() === 0 ? 'user root;' : '',
    dir,
    logsDir: dir,
    port: String(port),
    apiPort: new URL(behind.url).port,
    busPort: '1',
    listenIpv6: '',
    dashboardDir: dir,
    agentBundleDir: dir,
  };
  const template = await readFile(TEMPLATE, 'utf8');
  await writeFile(
    join(dir, 'nginx.conf'),
    template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? ''),
  );
  nginx = spawn(NGINX, ['-c', join(dir, 'nginx.conf'), '-p', dir, '-g', 'daemon off;'], { stdio: 'ignore' });
  await vi.waitFor(() => get('/'), { timeout: 20_000, interval: 20 });
});
afterAll(async () => {
  nginx.kill('SIGTERM');
  if (nginx.exitCode === null) await once(nginx, 'exit');
  await behind.close();
  await rm(dir, { recursive: true });
});

/** Body of the answer; the path is sent as it stands, which `fetch` would not do. */
async function get(path: string): Promise<string> {
  const sent = request({ host: '127.0.0.1', port, path }).end();
  const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  return text(answer);
}

it.each([
  '/metrics',
  '/metrics/',
  '//metrics',
  '/health/ready',
  '/api/../metrics',
  '/api/%2e%2e/metrics',
  '/bus/../metrics',
])('the edge has no figures under %s', async (path) => {
  seen.length = 0;
  expect(await get(path)).toContain(DASHBOARD);
  expect(seen).toEqual([]);
});

it('the edge would have shown them under a path that it hands on', async () => {
  expect(await get('/api/ping')).toBe('flotilla_figures 1');
});
