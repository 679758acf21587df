import { afterEach, describe, expect, it } from 'vitest';
import { startHealthServer, type HealthChecks, type HealthServer } from './start-health-server.ts';

let server: HealthServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function read(path: string, readiness: HealthChecks) {
  server = await startHealthServer({ host: '127.0.0.1', port: 0, readiness });
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}

const broken = { database: () => Promise.reject(new Error('connection refused')), bus: () => undefined };

describe('startHealthServer', () => {
  it('is ready when all checks pass', async () => {
    expect(await read('/health/ready', { bus: () => undefined })).toEqual({
      status: 200,
      body: { status: 'ok', checks: [{ name: 'bus', ok: true }] },
    });
  });

  it('names the failing check and its reason', async () => {
    expect(await read('/health/ready', broken)).toEqual({
      status: 503,
      body: {
        status: 'failing',
        checks: [
          { name: 'database', ok: false, detail: 'connection refused' },
          { name: 'bus', ok: true },
        ],
      },
    });
  });

  it('lives whatever the checks say', async () => {
    expect((await read('/health/live', broken)).status).toBe(200);
  });

  it('tells its figures where there are some', async () => {
    server = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      readiness: {},
      renderMetrics: async () => 'rows_total 3',
    });
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect([response.status, await response.text()]).toEqual([200, 'rows_total 3']);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
  });

  it('has no figures where there are none', async () => {
    expect((await read('/metrics', {})).status).toBe(404);
  });

  it('answers 404 elsewhere', async () => {
    expect((await read('/', broken)).status).toBe(404);
  });
});
