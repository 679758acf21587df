import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { listContainerUsage } from './container-usage.repository.ts';
import { readContainerSeries, readHostSeries, readNamedSeries } from './metric-series.repository.ts';
import { findContainers, findSeries, listSeriesNames } from './metric-subject.repository.ts';
import { createMetricsWriter, type MetricsWriter } from './metrics-writer.ts';
import { buildAgentSample, buildDockerId, rollUpEverything } from '../testing/metric-samples.ts';

const MINUTE_MS = 60_000;

describe('queries of metrics', () => {
  let test: TestDatabase;
  let writer: MetricsWriter;
  let agentId: string;
  /** A whole quarter of an hour, at least an hour ago. */
  let startMs: number;

  beforeAll(async () => {
    test = await createTestDatabase();
    writer = createMetricsWriter(test.database);
    startMs = Math.floor(Date.now() / (15 * MINUTE_MS)) * 15 * MINUTE_MS - 60 * MINUTE_MS;
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    agentId = await insertTestAgent(test.session);
  });

  const at = (minutes: number, seconds = 0): Date => new Date(startMs + minutes * MINUTE_MS + seconds * 1000);
  const readHost = async (from: Date, to: Date, stepMs: number) =>
    readHostSeries(test.session, [agentId], ['cpuPercent', 'memoryUsedBytes'], { from, to, stepMs, maxPoints: 500 });

  it('gives the same points from raw samples and from rollups, and null where nothing was sampled', async () => {
    await writer.write(
      [0, 5, 10, 60, 125, 130].map((seconds, index) =>
        buildAgentSample({ agentId, sampledAt: at(0, seconds).getTime(), host: index }),
      ),
    );
    const raw = await readHost(at(0), at(4), MINUTE_MS);
    expect(raw).toMatchObject({
      from: at(0),
      to: at(4),
      stepMs: MINUTE_MS,
      resolution: '1m',
      times: [0, 1, 2, 3].map((minute) => at(minute).getTime()),
    });
    expect(raw.lines[0]).toEqual({
      subject: agentId,
      metric: 'cpuPercent',
      min: [0, 3, 4, null],
      avg: [1, 3, 4.5, null],
      max: [2, 3, 5, null],
    });
    expect(raw.lines[1]).toMatchObject({ metric: 'memoryUsedBytes', avg: [1, 3, 4.5, null] });
    const coarse = await readHost(at(0), at(15), 15 * MINUTE_MS);
    expect(coarse.lines[0]).toMatchObject({ min: [0], avg: [2.5], max: [5] });

    await rollUpEverything(test);
    await test.session.query('delete from host_metrics where agent_id = $1', [agentId]);
    expect(await readHost(at(0), at(4), MINUTE_MS)).toEqual(raw);
    await test.session.query('delete from host_metrics_1m where agent_id = $1', [agentId]);
    expect(await readHost(at(0), at(15), 15 * MINUTE_MS)).toEqual(coarse);
  });

  it('keeps the line of a container that was made anew, by its name', async () => {
    const [first, second] = [at(0).getTime(), at(5).getTime()];
    await writer.write([buildAgentSample({ agentId, sampledAt: first, containers: { 1: 10 } })]);
    const again = buildAgentSample({ agentId, sampledAt: second, containers: { 2: 20 } });
    await writer.write([
      {
        agentId,
        sample: {
          ...again.sample,
          containers: { ...again.sample.containers, names: ['container-1'] },
        },
      },
    ]);
    const found = await findContainers(test.session, agentId, ['container-1', buildDockerId(1), 'nobody']);
    expect(found).toMatchObject([
      { id: buildDockerId(2), name: 'container-1' },
      { id: buildDockerId(1), name: 'container-1' },
    ]);
    const range = { from: at(0), to: at(6), stepMs: MINUTE_MS, maxPoints: 500 };
    const { lines } = await readContainerSeries(test.session, found, ['cpuPercent'], range);
    expect(lines.map(({ avg }) => avg)).toEqual([
      [10, null, null, null, null, 20],
      [10, null, null, null, null, null],
    ]);
  });

  it('lists and reads series by name, of the host and of containers', async () => {
    const series = [
      { containerId: null, name: 'host.core.0.cpuPercent', value: 1 },
      { containerId: buildDockerId(1), name: 'app.requests', value: 2 },
      { containerId: buildDockerId(2), name: 'app.requests', value: -3 },
    ];
    await writer.write([buildAgentSample({ agentId, sampledAt: at(0).getTime(), containers: { 1: 1 }, series })]);
    expect(await listSeriesNames(test.session, agentId, { prefix: 'app.', limit: 1 })).toMatchObject({
      items: [{ name: 'app.requests', containerName: '000000000000' }],
      total: 2,
    });
    const found = await findSeries(test.session, agentId, ['app.requests', 'host.core.0.cpuPercent'], { limit: 50 });
    const range = { from: at(0), to: at(1), stepMs: 'auto', maxPoints: 500 } as const;
    const { lines, stepMs } = await readNamedSeries(test.session, found, range);
    expect(stepMs).toBe(30_000);
    expect(lines.map(({ metric, subject, avg }) => [metric, subject.containerName, avg])).toEqual([
      ['app.requests', '000000000000', [-3, null]],
      ['app.requests', 'container-1', [2, null]],
      ['host.core.0.cpuPercent', null, [1, null]],
    ]);
  });

  it('shows the latest sample of containers that were sampled within a minute', async () => {
    const now = Date.now();
    await writer.write([
      buildAgentSample({ agentId, sampledAt: now - 90_000, containers: { 1: 1, 3: 1 } }),
      buildAgentSample({ agentId, sampledAt: now - 10_000, containers: { 1: 2, 2: 2 } }),
      buildAgentSample({ agentId, sampledAt: now - 5_000, containers: { 1: 3 } }),
    ]);
    expect(await listContainerUsage(test.session, agentId)).toMatchObject([
      { name: 'container-1', sampledAt: new Date(now - 5_000), values: { cpuPercent: 3, healthy: 3 } },
      { name: 'container-2', values: { cpuPercent: 2 } },
    ]);
  });

  it('refuses a figure that is not in the list', async () => {
    const range = { from: at(0), to: at(1), stepMs: 'auto', maxPoints: 500 } as const;
    const name = 'samples from agents --' as 'cpuPercent';
    await expect(readHostSeries(test.session, [agentId], [name], range)).rejects.toThrow(RangeError);
  });
});
