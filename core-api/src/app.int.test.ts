import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { MAX_BODY_BYTES } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from './shared/all-routes.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe('the application', () => {
  it('answers a ping', async () => {
    expect((await api.call('GET', '/api/ping')).body).toEqual({ status: 'ok', version: '0.0.0' });
  });

  it('says what it is ready for', async () => {
    expect(await api.call('GET', '/api/health/live')).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: [] },
    });
    expect(await api.call('GET', '/api/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: [{ name: 'database', ok: true }] },
    });
  });

  it.each([
    ['GET', '/api/nothing', 404],
    ['GET', '/nothing', 404],
    ['PUT', '/api/ping', 405],
    ['GET', '/api/%E0%A4%A', 404],
    ['DELETE', '/api/users/%E0%A4%A', 400],
  ])('%s %s → %i, as a problem', async (method, path, status) => {
    const answer = await api.call(method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.body).toMatchObject({ status, instance: answer.headers.get('x-request-id') });
  });

  it('sends headers that keep answers out of caches, frames and guesses', async () => {
    const { headers } = await api.call('GET', '/api/ping');
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
  });

  it('documents all routes, and shows them without the internet', async () => {
    const document = await api.call('GET', '/api/openapi.json');
    const { paths } = document.body as { paths: Record<string, object> };
    expect(Object.values(paths).flatMap((path) => Object.keys(path))).toHaveLength(allRoutes.length);
    const page = await fetch(`${api.url}/api/docs`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    const [, script = ''] = /src="([^"]+)"/.exec(html) ?? [];
    expect(html).not.toMatch(/https?:\/\//);
    const file = await fetch(`${api.url}${script}`);
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toContain('javascript');
  });

  it('believes X-Forwarded-For of a trusted proxy only as far as it is trusted', async () => {
    const email = `${randomUUID()}@example.com`;
    const headers = { 'x-forwarded-for': '192.0.2.66, 198.51.100.7' };
    await api.call('POST', '/api/auth/login', { json: { email, password: 'x' }, headers });
    const rows: object[] = await api.database.query('select client_address from audit where subject_name = $1', [
      email,
    ]);
    expect(rows).toEqual([{ client_address: '198.51.100.7' }]);
  });
});

describe('memory', () => {
  const MEBIBYTE = 2 ** 20;
  const BOMB_BYTES = 500 * MEBIBYTE;
  const FLAT_BYTES = 100 * MEBIBYTE;

  /** How much the process grows at most while `work` runs. */
  async function measureGrowth(work: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    };
    const timer = setInterval(watch, 5);
    try {
      await work();
    } finally {
      clearInterval(timer);
      watch();
    }
    return peak - before;
  }

  async function buildBomb(): Promise<Buffer<ArrayBuffer>> {
    const chunk = Buffer.alloc(MEBIBYTE, ' ');
    const inflated = Readable.from(Array.from({ length: BOMB_BYTES / MEBIBYTE }, () => chunk));
    return Buffer.concat(await inflated.pipe(createGzip()).toArray());
  }

  const sendAll = (body: Buffer<ArrayBuffer> | string, headers: Record<string, string> = {}) =>
    Promise.all(
      Array.from({ length: 8 }, async () => {
        const answer = await fetch(`${api.url}/api/auth/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );

  it('stays flat while bodies arrive that inflate to 500 MiB', async () => {
    const bomb = await buildBomb();
    let statuses: number[] = [];
    const growth = await measureGrowth(async () => {
      statuses = await sendAll(bomb, { 'content-encoding': 'gzip' });
    });
    expect(new Set(statuses)).toEqual(new Set([413]));
    expect(growth).toBeLessThan(FLAT_BYTES);
  });

  it('stays flat while bodies arrive that nest as deep as the size allows', async () => {
    let statuses: number[] = [];
    const growth = await measureGrowth(async () => {
      statuses = await sendAll('['.repeat(MAX_BODY_BYTES));
    });
    expect(new Set(statuses)).toEqual(new Set([400]));
    expect(growth).toBeLessThan(FLAT_BYTES);
  });

  it('would be seen to grow', async () => {
    const growth = await measureGrowth(async () => Buffer.alloc(2 * FLAT_BYTES, 1).length);
    expect(growth).toBeGreaterThan(FLAT_BYTES);
  });
});
