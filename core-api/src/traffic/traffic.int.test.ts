import type { TrafficMessage } from '@flotilla/contracts';
import { newId, writeTraffic } from '@flotilla/core-db';
import { insertTestAgent } from '@flotilla/core-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

describe('traffic', () => {
  let api: TestApi;
  let token: string;
  let agentId: string;
  /** Beginning of a minute, some minutes ago. */
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 10 * 60_000;

  beforeAll(async () => {
    api = await startTestApi();
    await api.addUser('viewer@example.com', 'viewer');
    ({ token } = await api.signIn('viewer@example.com'));
    agentId = await insertTestAgent(api.database, { name: 'node-1' });
    const counted = {
      serviceId: null,
      requests: 4,
      bytesSent: 400,
      statuses: [[200, 3], [404, 1]] as [number, number][], // prettier-ignore
      methods: [4, 0, 0, 0, 0, 0, 0, 0],
      protocols: [0, 4, 0, 0, 0],
      latency: [[10, 4]] as [number, number][],
      upstreamLatency: [],
    };
    const paths = { entries: [{ key: '<img src=x>', count: 4, error: 0 }], total: 4, othersAtMost: 0 };
    const message: TrafficMessage = {
      sampledAt: Date.now(),
      services: [0, 5000, 60_000].map((atMs) => ({ ...counted, from: start + atMs })),
      tops: [{ serviceId: null, from: start, lists: { paths } }],
    };
    await writeTraffic(api.writerDatabase, [{ agentId, message }]);
  });
  afterAll(() => api.close());

  const get = (path: string) => api.call('GET', path, { token });
  const window = (fromMs: number, toMs: number) =>
    `from=${encodeURIComponent(new Date(start + fromMs).toISOString())}&to=${encodeURIComponent(new Date(start + toMs).toISOString())}`;

  it('is told over time, with the period before', async () => {
    const { status, body } = await get(`/api/traffic?${window(0, 180_000)}&step=60000&agentId=${agentId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      stepMs: 60_000,
      lines: {
        requests: [8, 4, null],
        '4xx': [2, 1, null],
        latencyP95: [10, 10, null],
        upstreamP95: [null, null, null],
      },
      total: { requests: 12, knownMs: 120_000, statuses: [{ status: 200, count: 9 }, { status: 404, count: 3 }] }, // prettier-ignore
      before: { requests: 0, knownMs: 0, requestsPerSecond: null },
    });
    const after = await get(`/api/traffic?${window(120_000, 240_000)}&step=60000`);
    expect(after.body).toMatchObject({ total: { requests: 0 }, before: { requests: 12 } });
  });

  it('has lists of what came most often', async () => {
    const { status, body } = await get(`/api/traffic/tops?${window(0, 120_000)}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      lists: { paths: { entries: [{ key: '<img src=x>', count: 4, error: 0 }], total: 4, othersAtMost: 0 } },
    });
  });

  it.each([
    ['?range=3h', 400, 'range'],
    ['?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 400, 'to'],
    ['?serviceId=shop', 400, 'serviceId'],
    ['?mood=good', 400, 'mood'],
    [`?serviceId=${newId()}`, 404, 'service'],
    [`?agentId=${newId()}`, 404, 'node'],
  ])('answers %s with %i, and says %s', async (query, status, word) => {
    for (const path of ['/api/traffic', '/api/traffic/tops']) {
      const answer = await get(`${path}${query}`);
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).toContain(word);
    }
  });

  it('is nobody’s who has not signed in', async () => {
    expect((await api.call('GET', '/api/traffic')).status).toBe(401);
  });
});
