import { containerMetricNames, hostMetricNames, type MetricsAnswer } from '@flotilla/contracts';
import { createMetricsWriter, newId, type AgentSample } from '@flotilla/core-db';
import { insertTestAgent } from '@flotilla/core-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { readAgentMetrics } from './read-metrics.ts';
import { limitReads } from '../shared/read-within-limit.ts';

const STEP_MS = 10_000;
const WEB = 'a'.repeat(64);
const DATABASE = 'b'.repeat(64);

describe('metrics', () => {
  let api: TestApi;
  let token: string;
  let agentId: string;
  /** Beginning of a step, some minutes ago. */
  let start: number;

  beforeAll(async () => {
    api = await startTestApi();
    await api.addUser('viewer@example.com', 'viewer');
    ({ token } = await api.signIn('viewer@example.com'));
    agentId = await insertTestAgent(api.database, { name: 'node-1' });
    start = Math.floor((Date.now() - 600_000) / STEP_MS) * STEP_MS;
    // Two samples a step, and a gap of a step between the second and the fourth.
    const samples = [0, 5, 10, 15, 30, 35].map((seconds) => buildSample(start + seconds * 1000, seconds));
    await createMetricsWriter(api.writerDatabase).write([...samples, buildSample(Date.now(), 42)]);
  });
  afterAll(() => api.close());

  /** A host at `cpu` percent, and a container at ten times that. */
  function buildSample(sampledAt: number, cpu: number): AgentSample {
    const values = (names: readonly string[], value: number): number[] =>
      names.map((name) => (name === 'cpuPercent' ? value : Number.NaN));
    return {
      agentId,
      sample: {
        sampledAt,
        clockOffsetMs: 0,
        host: values(hostMetricNames, cpu),
        containers: {
          ids: [WEB, DATABASE],
          names: ['web', '=danger'],
          values: [...values(containerMetricNames, cpu * 10), ...values(containerMetricNames, 1)],
        },
        series: [
          { containerId: WEB, name: 'queue.length', value: cpu },
          { containerId: null, name: 'host.core.0.cpuPercent', value: cpu },
        ],
      },
    };
  }

  const get = (path: string) => api.call('GET', path, { token });
  const window = () =>
    `from=${new Date(start).toISOString()}&to=${new Date(start + 40_000).toISOString()}`.replaceAll(':', '%3A');

  it('gives min, avg and max on a grid, and gaps where nothing is known', async () => {
    const { status, body } = await get(`/api/agents/${agentId}/metrics?${window()}&metrics=cpuPercent,load1`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      stepMs: STEP_MS,
      resolution: 'raw',
      times: [0, 1, 2, 3].map((step) => start + step * STEP_MS),
      series: [
        {
          metric: 'cpuPercent',
          subjectId: null,
          min: [0, 10, null, 30],
          avg: [2.5, 12.5, null, 32.5],
          max: [5, 15, null, 35],
        },
        { metric: 'load1', avg: [null, null, null, null] },
      ],
    });
  });

  it('gives containers side by side, by id and by name', async () => {
    const path = `/api/agents/${agentId}/containers/metrics?${window()}&containers=web,${DATABASE}&metrics=cpuPercent`;
    const { series } = (await get(path)).body as MetricsAnswer;
    expect(series).toMatchObject([
      { subjectId: WEB, subjectName: 'web', avg: [25, 125, null, 325] },
      { subjectId: DATABASE, subjectName: '=danger', avg: [1, 1, null, 1] },
    ]);
  });

  it('gives the containers of a service, and none for a service of hosts', async () => {
    await api.addUser('operator@example.com', 'operator');
    const operator = await api.signIn('operator@example.com');
    const create = async (name: string, target: object) => {
      const json = { name, domains: [`${name}.example.com`], agentIds: [agentId], target };
      return ((await api.call('POST', '/api/services', { token: operator.token, json })).body as { id: string }).id;
    };
    const ofContainer = await create('one', { container: 'web', port: 80 });
    const ofHost = await create('two', { host: '127.0.0.1', port: 80 });
    const read = async (id: string) =>
      ((await get(`/api/services/${id}/metrics?${window()}&metrics=cpuPercent`)).body as MetricsAnswer).series;
    expect(await read(ofContainer)).toMatchObject([{ subjectName: 'web', avg: [25, 125, null, 325] }]);
    expect(await read(ofHost)).toEqual([]);
  });

  it('gives series by name, and lists them', async () => {
    const path = `/api/agents/${agentId}/series/metrics?${window()}&names=queue.length&step=10000`;
    expect((await get(path)).body).toMatchObject({
      series: [{ metric: 'queue.length', subjectName: 'web', avg: [2.5, 12.5, null, 32.5] }],
    });
    expect((await get(`/api/agents/${agentId}/series?prefix=host.`)).body).toMatchObject({
      total: 1,
      items: [{ name: 'host.core.0.cpuPercent', containerId: null, containerName: null }],
    });
  });

  it('gives and lists series of chosen containers only', async () => {
    const of = async (query: string) =>
      ((await get(`/api/agents/${agentId}/series?${query}`)).body as { items: unknown[]; total: number }).total;
    expect(await of(`container=web&container=${DATABASE}`)).toBe(1);
    expect(await of(`container=${DATABASE}`)).toBe(0);
    const read = async (query: string) =>
      (
        (await get(`/api/agents/${agentId}/series/metrics?${window()}&names=queue.length&${query}`))
          .body as MetricsAnswer
      ).series.map(({ subjectName }) => subjectName);
    expect(await read(`container=${WEB}&container=other`)).toEqual(['web']);
    expect(await read('container=other')).toEqual([]);
  });

  it('lists what containers use now', async () => {
    const { body } = await get(`/api/agents/${agentId}/containers/usage`);
    expect(body).toMatchObject({
      items: [
        { id: DATABASE, name: '=danger', values: { cpuPercent: 1, memoryBytes: null } },
        { id: WEB, name: 'web', values: { cpuPercent: 420 } },
      ],
    });
  });

  it('gives the fleet in few points', async () => {
    const { body } = await get(`/api/metrics/fleet?range=24h&agents=${agentId},${newId()}&metrics=cpuPercent`);
    const { times, series } = body as MetricsAnswer;
    expect(times.length).toBeLessThanOrEqual(60);
    expect(series).toMatchObject([{ subjectId: agentId, subjectName: 'node-1' }]);
    expect(series[0]?.max.filter((value) => value !== null)).toContain(42);
  });

  it('gives CSV in which no name is a formula', async () => {
    const url = `${api.url}/api/agents/${agentId}/containers/metrics?${window()}&containers=web,%3Ddanger&metrics=cpuPercent&format=csv`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename=metrics.csv');
    const [header, ...lines] = (await answer.text()).trimEnd().split('\r\n');
    expect(header).toContain(",'=danger cpuPercent percent min,");
    expect(lines).toHaveLength(4);
    expect(lines[1]).toBe(`${new Date(start + STEP_MS).toISOString()},100,125,150,1,1,1`);
  });

  it.each([
    ['range', 'range=3h', /./],
    ['range', 'range=1h&from=2026-01-01T00:00:00Z', /either/],
    ['from', 'from=yesterday', /ISO 8601/],
    ['step', 'range=24h&step=1000', /at least/],
    ['metrics.0', 'metrics=password', /./],
    ['limit', 'limit=1', /not a known field/],
  ])('refuses a wrong %s: %s', async (field, query, message) => {
    const { status, body } = await get(`/api/agents/${agentId}/metrics?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ field, message: expect.stringMatching(message) as string }] });
  });

  it('refuses more lines than it would like to write', async () => {
    const agents = [agentId, ...Array.from({ length: 49 }, () => newId())].join();
    const fleet = (metrics: readonly string[]) => get(`/api/metrics/fleet?agents=${agents}&metrics=${metrics.join()}`);
    expect((await fleet(hostMetricNames.slice(0, 4))).status).toBe(200);
    expect(await fleet(hostMetricNames.slice(0, 5))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'metrics', message: expect.stringContaining('send at most 4') as string }] },
    });
  });

  it('gives up on a reading that takes too long, and says what to ask for', async () => {
    const query = { step: 'auto', metrics: ['cpuPercent'] } as const;
    const read = (limitMs: number) =>
      readAgentMetrics(
        { database: api.database, readLimited: limitReads(api.writerDatabase, limitMs), now: () => new Date() },
        agentId,
        query,
      );
    await api.inTransaction(async (tx) => {
      await tx.query('lock table host_metrics in access exclusive mode');
      await expect(read(50)).rejects.toMatchObject({
        status: 503,
        detail: expect.stringContaining('shorter range') as string,
      });
    });
    expect((await read(10_000)).series).toHaveLength(1);
  });

  it('knows no figures of a node or service that is not there', async () => {
    for (const path of [
      'agents/:id/metrics',
      'agents/:id/containers/usage',
      'agents/:id/series',
      'services/:id/metrics',
    ]) {
      expect((await get(`/api/${path.replace(':id', newId())}`)).status).toBe(404);
    }
  });
});
