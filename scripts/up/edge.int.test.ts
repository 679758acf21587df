import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectBus, createLogger } from '@flotilla/runtime';
import { findFreePorts, NatsServer } from '@flotilla/runtime/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeEdgeConfiguration } from './edge.mjs';
import { findProgram } from './packages.mjs';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let dir: string;
let port: number;
let nginx: ChildProcess;
let api: Server;
let nats: NatsServer;
let lastApiHeaders: IncomingHttpHeaders = {};

function send(path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolvePromise, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolvePromise({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-edge-'));
  const [edgePort = 0, apiPort = 0] = await findFreePorts(2);
  port = edgePort;
  for (const folder of ['dashboard/assets', 'agent', 'edge', 'logs']) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'dashboard', 'index.html'), '<title>Flotilla</title>');
  writeFileSync(join(dir, 'dashboard', 'assets', 'app-1a2b.js'), `export const text = '${'x'.repeat(4000)}';`);
  writeFileSync(join(dir, 'agent', 'flotilla-agent.mjs'), '// the agent');

  api = createServer((incoming, response) => {
    lastApiHeaders = incoming.headers;
    response.setHeader('etag', '"7"');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ path: incoming.url, padding: 'x'.repeat(4000) }));
  }).listen(apiPort, '127.0.0.1');
  await once(api, 'listening');
  nats = await NatsServer.create();
  await nats.start();

  const file = writeEdgeConfiguration({
    root: resolve(import.meta.dirname, '..', '..'),
    dir: join(dir, 'edge'),
    logsDir: join(dir, 'logs'),
    port,
    apiPort,
    busPort: nats.place.webSocketPort,
    dashboardDir: join(dir, 'dashboard'),
    agentBundleDir: join(dir, 'agent'),
  });
  const args = ['-p', join(dir, 'edge'), '-c', file, '-g', 'daemon off;'];
  nginx = spawn(findProgram('nginx') ?? 'nginx', args, { stdio: 'ignore' });
  await vi.waitFor(() => send('/'), 5000);
});
afterAll(async () => {
  const exited = once(nginx, 'exit');
  nginx.kill('SIGTERM');
  await exited;
  api.close();
  await nats.destroy();
  rmSync(dir, { recursive: true });
});

describe('the edge', () => {
  it.each(['/', '/services/42', '/login'])('answers %s with the dashboard, never cached', async (path) => {
    const { status, headers, body } = await send(path);
    expect([status, body]).toEqual([200, '<title>Flotilla</title>']);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(headers['server']).toBe('nginx');
  });

  it('lets built files be cached for good, compressed, and knows no others', async () => {
    const { headers } = await send('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' });
    expect(headers['cache-control']).toContain('immutable');
    expect(headers['content-encoding']).toBe('gzip');
    expect((await send('/assets/other.js')).status).toBe(404);
  });

  it('hands out the agent', async () => {
    const { headers, body } = await send('/agent/flotilla-agent.mjs');
    expect(body).toBe('// the agent');
    expect(headers['content-type']).toContain('text/javascript');
  });

  it.each(['/agent/../edge/nginx.conf', '/agent/%2e%2e/edge/nginx.conf', '/agent../edge/nginx.conf'])(
    'shows nothing outside by %s',
    async (path) => {
      expect((await send(path)).body).not.toContain('upstream core_api');
    },
  );

  it('tells core-api the real address, whatever the client claims', async () => {
    const claims = {
      'x-forwarded-for': '9.9.9.9',
      'x-real-ip': '9.9.9.9',
      forwarded: 'for=9.9.9.9',
      host: 'core.test',
    };
    const { status, body } = await send('/api/ping?x=1', { ...claims, 'x-forwarded-host': 'evil.test' });
    expect([status, (JSON.parse(body) as { path: string }).path]).toEqual([200, '/api/ping?x=1']);
    expect(lastApiHeaders['x-forwarded-for']).toBe('127.0.0.1');
    expect(lastApiHeaders.host).toBe('core.test');
    expect(JSON.stringify(lastApiHeaders)).not.toMatch(/9\.9\.9\.9|evil/);
  });

  it('keeps the strong ETag of the API', async () => {
    expect((await send('/api/services/1', { 'accept-encoding': 'gzip' })).headers.etag).toBe('"7"');
  });

  it('refuses a body over 1 MiB as a problem, and takes one of 1 MiB', async () => {
    const mebibyte = 'x'.repeat(2 ** 20);
    expect((await send('/api/services', {}, mebibyte)).status).toBe(200);
    const { status, headers, body } = await send('/api/services', {}, `${mebibyte}x`);
    expect(status).toBe(413);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status: 413 });
  });

  it('carries NATS over WebSocket', async () => {
    const logger = createLogger({ name: 'test', level: 'fatal' });
    const bus = await connectBus({ servers: [`ws://127.0.0.1:${port}/bus`], name: 'test', logger });
    await expect(bus.check()).resolves.toBeUndefined();
    await bus.close();
  });

  it('says as a problem that the API is away, and still serves the dashboard', async () => {
    api.closeAllConnections();
    api.close();
    const { status, headers, body } = await send('/api/ping');
    expect([status, headers['retry-after']]).toEqual([503, '2']);
    expect(JSON.parse(body)).toMatchObject({ status: 503 });
    expect((await send('/')).status).toBe(200);
  });
});
