import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMigrations } from '../migrations/run-migrations.ts';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { maintainMetricPartitions } from './maintain-partitions.ts';
import { defaultMetricRetention, rollupLevels } from './metric-levels.ts';
import { readContainerSeries, readHostSeries, readNamedSeries } from './metric-series.repository.ts';
import { findContainers, findSeries } from './metric-subject.repository.ts';
import { allMetricKinds } from './metric-tables.ts';
import { createMetricsWriter } from './metrics-writer.ts';
import { buildAgentSample, rollUpEverything } from '../testing/metric-samples.ts';
import { readStorageKind } from './storage-kind.repository.ts';
import { readStorageState } from './storage-state.repository.ts';
import { createTimescaleDatabase } from '../testing/timescale-database.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const silentLogger = { info: () => undefined, warn: () => undefined };

describe('time series with TimescaleDB', () => {
  let timescale: TestDatabase;
  let native: TestDatabase;
  let agentId: string;
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

  beforeAll(async () => {
    timescale = await createTimescaleDatabase();
    await runMigrations(timescale.database, silentLogger);
    native = await createTestDatabase();
    agentId = await insertTestAgent(native.session);
    await insertTestAgent(timescale.session, { id: agentId });
  }, 120_000);
  afterAll(async () => {
    await timescale.close();
    await native.close();
  });

  /** Answers of both stores to the same questions. */
  const readBoth = async (fromMs: number, stepMs: number) => {
    const range = { from: new Date(fromMs), to: new Date(nowMs), stepMs, maxPoints: 500 };
    const read = async ({ session }: TestDatabase) => {
      const host = await readHostSeries(session, [agentId], ['cpuPercent', 'memoryUsedBytes'], range);
      const containers = await findContainers(session, agentId, ['container-1', 'container-2']);
      const series = await findSeries(session, agentId, ['app.value'], { limit: 10 });
      const container = await readContainerSeries(session, containers, ['cpuPercent'], range);
      const named = await readNamedSeries(session, series, range);
      return [host, container, named].map(({ lines, ...answer }) => ({
        ...answer,
        lines: lines.map(({ subject: _refs, ...line }) => line),
      }));
    };
    return { fromTimescale: await read(timescale), fromNative: await read(native) };
  };

  it('is found by the migration', async () => {
    expect(await readStorageKind(timescale.session)).toBe('timescale');
    expect(await readStorageKind(native.session)).toBe('native');
  });

  it('gives the same answers of the same rows', async () => {
    const samples = Array.from({ length: 300 }, (_, index) =>
      buildAgentSample({
        agentId,
        sampledAt: nowMs - index * 11 * MINUTE_MS,
        host: index % 7,
        containers: index % 3 === 0 ? { 1: index, 2: 2 } : { 1: index },
        series: [{ containerId: null, name: 'app.value', value: index / 2 }],
      }),
    );
    for (const { database } of [native, timescale]) {
      expect(await createMetricsWriter(database).write(samples)).toMatchObject({ rows: 1000, duplicates: 0 });
      expect(await createMetricsWriter(database).write(samples)).toMatchObject({ rows: 0, duplicates: 1000 });
    }
    const steps = [MINUTE_MS, 15 * MINUTE_MS, 6 * HOUR_MS];
    const { fromTimescale, fromNative } = await readBoth(nowMs - 12 * HOUR_MS, 15 * MINUTE_MS);
    expect(fromTimescale).toEqual(fromNative);
    expect(fromNative[0]?.lines[0]?.avg.filter((value) => value !== null).length).toBeGreaterThan(40);
    await fillAggregates(timescale);
    await rollUpEverything(native);
    for (const stepMs of steps) {
      const { fromTimescale, fromNative } = await readBoth(nowMs - 50 * stepMs, stepMs);
      expect(fromTimescale).toEqual(fromNative);
    }
    const { tables, kind } = await readStorageState(timescale.session);
    expect(kind).toBe('timescale');
    expect(tables.find(({ name }) => name === 'host_metrics')).toMatchObject({ oldestAt: expect.any(Date) });
    expect(tables.find(({ name }) => name === 'host_metrics_1m')?.bytes).toBeGreaterThan(0);
  });

  it('takes rows that come a day late into its aggregates', async () => {
    const lateMs = nowMs - DAY_MS - 3 * HOUR_MS - 7 * MINUTE_MS;
    const late = buildAgentSample({ agentId, sampledAt: lateMs, host: 99 });
    for (const { database } of [native, timescale]) {
      expect(await createMetricsWriter(database).write([late])).toMatchObject({ rows: 1 });
    }
    await refreshAggregates(timescale);
    await rollUpEverything(native);
    const { fromTimescale, fromNative } = await readBoth(nowMs - 2 * DAY_MS, 15 * MINUTE_MS);
    expect(fromTimescale).toEqual(fromNative);
    expect(fromTimescale[0]?.lines[0]?.max).toContain(99);
  });

  it('drops raw chunks past their retention and keeps what was rolled up of them', async () => {
    const retention = { ...defaultMetricRetention, raw: DAY_MS };
    await maintainMetricPartitions(timescale.database, retention);
    const count = async () => {
      const rows: { count: number }[] = await timescale.session.query(
        'select count(*)::int as count from host_metrics',
      );
      return rows[0]?.count ?? 0;
    };
    const before = await count();
    await runJobs(timescale, 'policy_retention', 'host_metrics');
    expect(await count()).toBeLessThan(before);
    await refreshAggregates(timescale);
    const { fromTimescale, fromNative } = await readBoth(nowMs - 2 * DAY_MS, 15 * MINUTE_MS);
    expect(fromTimescale).toEqual(fromNative);
  });

  it('compresses chunks that are older than a day', async () => {
    await runJobs(timescale, 'policy_compression', 'container_metrics');
    const rows: { count: number }[] = await timescale.session.query(
      `select count(*)::int as count from timescaledb_information.chunks
       where hypertable_name = 'container_metrics' and is_compressed`,
    );
    expect(rows[0]?.count).toBeGreaterThan(0);
    const { fromTimescale, fromNative } = await readBoth(nowMs - 2 * DAY_MS, 15 * MINUTE_MS);
    expect(fromTimescale).toEqual(fromNative);
  });

  it('stores what comes again, or late, once in compressed chunks as well', async () => {
    await maintainMetricPartitions(timescale.database, defaultMetricRetention);
    // The oldest sample of the first test, of which the chunk is compressed by now.
    const sampledAt = nowMs - 299 * 11 * MINUTE_MS;
    const build = (atMs: number) => buildAgentSample({ agentId, sampledAt: atMs, host: null, containers: { 1: 299 } });
    const writer = createMetricsWriter(timescale.database);
    expect(await writer.write([build(sampledAt)])).toMatchObject({ rows: 0, duplicates: 1 });
    expect(await writer.write([build(sampledAt), build(sampledAt + 1000)])).toMatchObject({ rows: 1, duplicates: 1 });
    const rows = await timescale.session.query(
      'select at from container_metrics where at between $1 and $2 order by at',
      [new Date(sampledAt), new Date(sampledAt + 1000)],
    );
    expect(rows).toEqual([{ at: new Date(sampledAt) }, { at: new Date(sampledAt + 1000) }]);
  });

  it('would store it again without the key (negative control)', async () => {
    await timescale.session.query('alter table custom_metrics set (timescaledb.compress = false)');
    await timescale.session.query('alter table custom_metrics drop constraint custom_metrics_pkey');
    const series = [{ containerId: null, name: 'app.value', value: 1 }];
    const again = buildAgentSample({ agentId, sampledAt: nowMs, host: null, series });
    expect(await createMetricsWriter(timescale.database).write([again])).toMatchObject({ rows: 1, duplicates: 0 });
  });

  it('can be taken back', async () => {
    await timescale.database.undoLastMigration();
    expect(await runMigrations(timescale.database, silentLogger)).toHaveLength(1);
  });
});

/** Fills the new aggregates at once: their policies do it bucket by bucket, which takes a minute here. */
async function fillAggregates({ session }: TestDatabase): Promise<void> {
  for (const { suffix } of rollupLevels) {
    for (const { table } of allMetricKinds) {
      await session.query(`call refresh_continuous_aggregate('${table}${suffix}', now() - interval '30 days', now())`);
    }
  }
}

async function refreshAggregates(test: TestDatabase): Promise<void> {
  await runJobs(test, 'policy_refresh_continuous_aggregate');
}

/** Runs policies now, the finer aggregates first. */
async function runJobs({ session }: TestDatabase, procedure: string, table?: string): Promise<void> {
  const jobs: { id: number }[] = await session.query(
    `select job_id as id from timescaledb_information.jobs
     where proc_name = $1 and ($2::text is null or hypertable_name = $2) order by job_id`,
    [procedure, table ?? null],
  );
  if (jobs.length === 0) throw new Error(`there is no ${procedure}`);
  for (const { id } of jobs) await session.query(`call run_job(${id})`);
}
