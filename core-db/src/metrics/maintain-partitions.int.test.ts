import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { maintainMetricPartitions } from './maintain-partitions.ts';
import { defaultMetricRetention } from './metric-levels.ts';
import { applyPartitionPlan, partitionedMetrics } from './metric-partitions.repository.ts';
import { readMetricRetention } from './metric-retention.repository.ts';
import { createMetricsWriter } from './metrics-writer.ts';
import { buildAgentSample, rollUpEverything } from '../testing/metric-samples.ts';

const DAY_MS = 86_400_000;

describe('maintainMetricPartitions', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
  });
  afterEach(() => test.close());

  const makePartitionsOf = async (daysAgo: number): Promise<readonly string[]> => {
    const then = new Date(Date.now() - daysAgo * DAY_MS);
    const { created } = await test.inTransaction((tx) =>
      applyPartitionPlan(tx, partitionedMetrics, defaultMetricRetention, then),
    );
    return created;
  };

  it('finds everything made by the migration', async () => {
    expect(await maintainMetricPartitions(test.database, defaultMetricRetention)).toEqual({
      created: [],
      dropped: [],
      postponed: [],
    });
  });

  it('drops what is past its retention at each level, and keeps the rest', async () => {
    const old = await makePartitionsOf(60);
    const { created, dropped } = await maintainMetricPartitions(test.database, defaultMetricRetention);
    expect(created).toEqual([]);
    const gone = (pattern: RegExp): number => dropped.filter((name) => pattern.test(name)).length;
    const made = (pattern: RegExp): number => old.filter((name) => pattern.test(name)).length;
    expect(gone(/^host_metrics_p/)).toBe(made(/^host_metrics_p/));
    expect(gone(/^container_metrics_1m_p/)).toBe(made(/^container_metrics_1m_p/));
    expect(gone(/_(15m|6h)_p/)).toBe(0);
    expect(dropped.every((name) => old.includes(name))).toBe(true);
  });

  it('puts a new retention into effect, for writers too', async () => {
    const agentId = await insertTestAgent(test.session);
    const writer = createMetricsWriter(test.database);
    const old = buildAgentSample({ agentId, sampledAt: Date.now() - 20 * DAY_MS });
    expect(await writer.write([old])).toMatchObject({ rows: 0, tooOld: 1 });
    const longer = { ...defaultMetricRetention, raw: 25 * DAY_MS };
    const { created } = await maintainMetricPartitions(test.database, longer);
    expect(created.filter((name) => name.startsWith('host_metrics_p'))).toHaveLength(18);
    expect(await readMetricRetention(test.session)).toEqual(longer);
    expect(await writer.write([old])).toMatchObject({ rows: 1, tooOld: 0 });
    await rollUpEverything(test);
    const { dropped } = await maintainMetricPartitions(test.database, defaultMetricRetention);
    expect(dropped.length).toBeGreaterThan(0);
    const rows = await test.session.query('select 1 from host_metrics');
    expect(rows).toEqual([]);
  });

  it('keeps rows that are not rolled up yet, however old: maintenance may have been away for days', async () => {
    const agentId = await insertTestAgent(test.session);
    await maintainMetricPartitions(test.database, { ...defaultMetricRetention, raw: 25 * DAY_MS });
    await createMetricsWriter(test.database).write([
      buildAgentSample({ agentId, sampledAt: Date.now() - 20 * DAY_MS, host: 5 }),
    ]);
    const first = await maintainMetricPartitions(test.database, defaultMetricRetention);
    expect(first.dropped.length).toBeGreaterThan(0);
    expect(first.postponed.filter((name) => name.startsWith('host_metrics_p'))).toHaveLength(1);
    await rollUpEverything(test);
    const second = await maintainMetricPartitions(test.database, defaultMetricRetention);
    expect([...second.dropped].toSorted()).toEqual([...first.postponed].toSorted());
    expect(await test.session.query('select cpu_percent_avg as avg from host_metrics_1m')).toEqual([{ avg: 5 }]);
  });

  it('may run in several processes at once', async () => {
    await makePartitionsOf(30);
    const results = await Promise.all(
      [1, 2, 3].map(async () => maintainMetricPartitions(test.database, defaultMetricRetention)),
    );
    const dropped = results.flatMap((result) => result.dropped);
    expect(dropped.length).toBeGreaterThan(0);
    expect(new Set(dropped).size).toBe(dropped.length);
  });

  it('makes partitions ahead, and drops what it can, while a backup reads a table', async () => {
    const old = await makePartitionsOf(30);
    await test.inTransaction(async (backup) => {
      await backup.query('select 1 from host_metrics limit 1');
      const day = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
      await test.session.query(`drop table container_metrics_p${day}`);
      const { created, dropped, postponed } = await maintainMetricPartitions(test.database, defaultMetricRetention);
      expect(created).toEqual([`container_metrics_p${day}`]);
      expect(postponed.length).toBeGreaterThan(0);
      expect(postponed.every((name) => name.startsWith('host_metrics_p'))).toBe(true);
      expect(dropped).toEqual(expect.arrayContaining(old.filter((name) => name.startsWith('custom_metrics_p'))));
    });
    const { dropped, postponed } = await maintainMetricPartitions(test.database, defaultMetricRetention);
    expect(dropped.length).toBeGreaterThan(0);
    expect(postponed).toEqual([]);
  });

  it('forgets containers and series of which nothing is kept', async () => {
    const agentId = await insertTestAgent(test.session);
    await createMetricsWriter(test.database).write([
      buildAgentSample({
        agentId,
        containers: { 1: 1, 2: 1 },
        series: [{ containerId: null, name: 'kept', value: 1 }],
      }),
    ]);
    await test.session.query(
      `update metric_containers set last_seen_at = now() - interval '800 days' where name = 'container-1'`,
    );
    await maintainMetricPartitions(test.database, defaultMetricRetention);
    expect(await test.session.query('select name from metric_containers')).toEqual([{ name: 'container-2' }]);
    expect(await test.session.query('select name from metric_series')).toEqual([{ name: 'kept' }]);
  });

  it('refuses a retention that contradicts itself', async () => {
    const retention = { ...defaultMetricRetention, '1m': DAY_MS };
    await expect(maintainMetricPartitions(test.database, retention)).rejects.toThrow(
      /1m must be kept at least as long/,
    );
  });
});
