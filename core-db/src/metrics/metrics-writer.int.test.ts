import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDatabaseUnavailable } from '../database-errors.ts';
import { newId } from '../new-id.ts';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import type { AgentSample } from './agent-sample.ts';
import { createMetricsWriter } from './metrics-writer.ts';
import { buildAgentSample, buildDockerId, rollUpEverything } from '../testing/metric-samples.ts';

const nothing = { rows: 0, duplicates: 0, unknownAgents: 0, tooOld: 0, tooNew: 0, refusedValues: 0 };
const DAY_MS = 86_400_000;
const BOUND_MS = 20_000;

describe('createMetricsWriter', () => {
  let test: TestDatabase;
  let agentId: string;
  beforeAll(async () => {
    test = await createTestDatabase({ poolSize: 8 });
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    agentId = await insertTestAgent(test.session);
  });

  /** Each has a row of the host, two of containers and one of a series. */
  const buildSamples = (count: number): AgentSample[] =>
    Array.from({ length: count }, (_, index) =>
      buildAgentSample({
        agentId,
        sampledAt: Date.now() - index * 5000,
        containers: { 1: 5, 2: 6 },
        series: [{ containerId: null, name: 'host.core.0.cpuPercent', value: 3 }],
      }),
    );

  const countRows = async (): Promise<number> => {
    const rows: { count: number }[] = await test.session.query(
      `select (select count(*) from host_metrics where agent_id = $1)::int
         + (select count(*) from container_metrics m join metric_containers c on c.id = m.container_ref where c.agent_id = $1)::int
         + (select count(*) from custom_metrics m join metric_series s on s.id = m.series_ref where s.agent_id = $1)::int
         as count`,
      [agentId],
    );
    return rows[0]?.count ?? 0;
  };

  it('stores host, containers and series, and the same again as duplicates', async () => {
    const writer = createMetricsWriter(test.database);
    const samples = buildSamples(3);
    expect(await writer.write(samples)).toEqual({ ...nothing, rows: 12 });
    expect(await writer.write(samples)).toEqual({ ...nothing, duplicates: 12 });
    expect(await createMetricsWriter(test.database).write(samples)).toEqual({ ...nothing, duplicates: 12 });
    expect(await countRows()).toBe(12);
  });

  it('stores every figure as it came, and unknown ones as unknown', async () => {
    const sample = buildAgentSample({ agentId, host: 1.5, containers: { 1: 1_099_511_627_777 } });
    const host = sample.sample.host?.with(0, Number.NaN) ?? null;
    await createMetricsWriter(test.database).write([
      { agentId, sample: { ...sample.sample, host, clockOffsetMs: -600_000 } },
    ]);
    const rows: object[] = await test.session.query(
      `select h.at, h.cpu_percent, h.memory_total_bytes, h.clock_offset_ms, c.memory_bytes, k.name, k.docker_id
       from host_metrics h join metric_containers k on k.agent_id = h.agent_id
       join container_metrics c on c.container_ref = k.id and c.at = h.at where h.agent_id = $1`,
      [agentId],
    );
    expect(rows).toEqual([
      {
        at: new Date(sample.sample.sampledAt),
        cpu_percent: null,
        memory_total_bytes: 1.5,
        clock_offset_ms: -600_000,
        memory_bytes: 1_099_511_627_777,
        name: 'container-1',
        docker_id: buildDockerId(1),
      },
    ]);
  });

  it('stores a sample once that stands in a batch twice', async () => {
    const [sample] = buildSamples(1);
    if (sample === undefined) throw new Error('no sample');
    expect(await createMetricsWriter(test.database).write([sample, sample])).toEqual({
      ...nothing,
      rows: 4,
      duplicates: 4,
    });
  });

  it('stores the same samples once when several writers get them at once, in any order', async () => {
    const samples = buildSamples(200);
    const writers = Array.from({ length: 4 }, () => createMetricsWriter(test.database));
    const results = await Promise.all(
      writers.map((writer, index) => writer.write(index % 2 === 0 ? samples : samples.toReversed())),
    );
    expect(results.map(({ rows }) => rows).toSorted((one, other) => one - other)).toEqual([0, 0, 0, 800]);
    expect(await countRows()).toBe(800);
  });

  it('would store them several times without the keys (negative control)', async () => {
    const other = await createTestDatabase({ poolSize: 4 });
    try {
      await insertTestAgent(other.session, { id: agentId });
      await other.session.query('alter table host_metrics drop constraint host_metrics_pkey');
      const hostOnly = buildSamples(10).map(({ sample }) => ({
        agentId,
        sample: { ...sample, containers: { ids: [], names: [], values: [] }, series: [] },
      }));
      await Promise.all([1, 2].map(async () => createMetricsWriter(other.database).write(hostOnly)));
      const rows: { count: number }[] = await other.session.query('select count(*)::int as count from host_metrics');
      expect(rows[0]?.count).toBe(20);
    } finally {
      await other.close();
    }
  });

  it('stores nothing of a call that fails at its end, and all of it when it is repeated', async () => {
    const writer = createMetricsWriter(test.database);
    const samples = buildSamples(5);
    await test.session.query('alter table metric_rollups_due add constraint fails check (false) not valid');
    await expect(writer.write(samples)).rejects.toThrow(/fails/);
    await test.session.query('alter table metric_rollups_due drop constraint fails');
    expect(await countRows()).toBe(0);
    // The numbers of its containers were rolled back as well: the writer must not remember them.
    expect(await writer.write(samples)).toEqual({ ...nothing, rows: 20 });
    expect(await countRows()).toBe(20);
  });

  it('stores nothing when its session is killed before the commit, and all of it when it is repeated', async () => {
    const writer = createMetricsWriter(test.database);
    const samples = buildSamples(5);
    let failure: Promise<unknown> | undefined;
    await test.inTransaction(async (tx) => {
      // The last statement before the commit waits for this lock.
      await tx.query('lock table metric_rollups_due in access exclusive mode');
      failure = writer.write(samples).catch((err: unknown) => err);
      await waitFor(async () => {
        const killed: object[] = await test.session.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
             and wait_event_type = 'Lock' and query like '%metric_rollups_due%'`,
        );
        return killed.length === 1;
      });
    });
    expect(isDatabaseUnavailable(await failure)).toBe(true);
    expect(await countRows()).toBe(0);
    expect(await writer.write(samples)).toEqual({ ...nothing, rows: 20 });
  });

  it('refuses what it cannot keep, counts it, and stores the rest', async () => {
    const now = Date.now();
    const good = buildAgentSample({ agentId, sampledAt: now - 7 * DAY_MS + 60_000 });
    const samples = [
      good,
      buildAgentSample({ agentId, sampledAt: now + 240_000 }),
      buildAgentSample({ agentId, sampledAt: now - 7 * DAY_MS - 60_000 }),
      buildAgentSample({ agentId, sampledAt: now + 600_000 }),
      buildAgentSample({ agentId: newId() }),
      buildAgentSample({ agentId: 'no uuid' }),
      buildAgentSample({
        agentId,
        host: null,
        series: [
          { containerId: null, name: 'huge', value: 1e300 },
          { containerId: null, name: 'fits', value: -1e280 },
        ],
      }),
    ];
    const expected = { unknownAgents: 2, tooOld: 1, tooNew: 1, refusedValues: 1 };
    expect(await createMetricsWriter(test.database).write(samples)).toEqual({ ...nothing, ...expected, rows: 3 });
  });

  it('drops the samples of an agent that was removed since its last ones', async () => {
    const writer = createMetricsWriter(test.database);
    const [first, second] = buildSamples(2);
    if (first === undefined || second === undefined) throw new Error('no samples');
    await writer.write([first]);
    await test.session.query('delete from agents where id = $1', [agentId]);
    expect(await writer.write([second])).toEqual({ ...nothing, unknownAgents: 1 });
  });

  it('makes the partitions itself when maintenance has not', async () => {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    await test.session.query(`drop table host_metrics_p${day}`);
    expect(await createMetricsWriter(test.database).write(buildSamples(1))).toMatchObject({ rows: 4 });
  });

  it('knows a container that is renamed, and one of which only a series came', async () => {
    const writer = createMetricsWriter(test.database);
    const now = Date.now();
    const series = [{ containerId: buildDockerId(1), name: 'app.requests', value: 1 }];
    const names = async () =>
      test.session.query('select name from metric_containers where agent_id = $1 order by id', [agentId]);
    await writer.write([buildAgentSample({ agentId, sampledAt: now - 20_000, series })]);
    expect(await names()).toEqual([{ name: '000000000000' }]);
    const rename = (name: string, sampledAt: number): AgentSample => {
      const { sample } = buildAgentSample({ agentId, sampledAt, containers: { 1: 1 } });
      return { agentId, sample: { ...sample, containers: { ...sample.containers, names: [name] } } };
    };
    await writer.write([rename('web', now - 15_000)]);
    expect(await names()).toEqual([{ name: 'web' }]);
    await writer.write([rename('odd\0 name \ud800', now - 5000), rename('late', now - 10_000)]);
    expect(await names()).toEqual([{ name: 'odd name \ufffd' }]);
  });

  it('stores values that are too small to compute with as 0, so that rollups do not stop at them', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
    const samples = [1e-45, 0, 5e-324].map((value, index) =>
      buildAgentSample({
        agentId,
        sampledAt: minute + index * 1000,
        host: value,
        series: [{ containerId: null, name: 'tiny', value }],
      }),
    );
    await createMetricsWriter(test.database).write(samples);
    await rollUpEverything(test);
    const rows = await test.session.query(
      'select cpu_percent_avg as avg, samples from host_metrics_1m where agent_id = $1',
      [agentId],
    );
    expect(rows).toEqual([{ avg: 0, samples: 3 }]);
  });
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + BOUND_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
