import type { MigrationInterface, QueryRunner } from 'typeorm';
import { queryRows } from '../database-session.ts';
import { applyPartitionPlan, partitionedMetrics } from '../metrics/metric-partitions.repository.ts';
import { defaultMetricRetention, rollupLevels } from '../metrics/metric-levels.ts';
import { setMetricRetention } from '../metrics/metric-retention.repository.ts';
import { allMetricKinds } from '../metrics/metric-tables.ts';
import { DIMENSION_TABLES, DUE_ROLLUPS_TABLE, renderPartitionedTables } from '../metrics/render-metric-tables.ts';
import { renderTimescaleTables } from '../metrics/render-timescale.ts';
import { createTimescale, readStorageKind } from '../metrics/storage-kind.repository.ts';

/**
 * The time series: hypertables with continuous aggregates where TimescaleDB is to be had, native partitions under the same
 * names otherwise. And how wrong an agent's clock is.
 */
export class CreateMetricTables1795402800000 implements MigrationInterface {
  readonly name = 'CreateMetricTables1795402800000';

  async up(runner: QueryRunner): Promise<void> {
    const { manager } = runner;
    await runner.query('alter table agents add column clock_offset_ms int');
    await runner.query(DIMENSION_TABLES);
    await runner.query(DUE_ROLLUPS_TABLE);
    await setMetricRetention(manager, defaultMetricRetention);
    const isTimescale = await createTimescale(manager);
    const statements = isTimescale ? renderTimescaleTables(defaultMetricRetention) : renderPartitionedTables();
    for (const statement of statements) await runner.query(statement);
    if (!isTimescale) {
      const [{ now } = { now: new Date() }] = await queryRows<{ now: Date }>(manager, 'select now()');
      await applyPartitionPlan(manager, partitionedMetrics, defaultMetricRetention, now);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const isTimescale = (await readStorageKind(runner.manager)) === 'timescale';
    for (const { table } of allMetricKinds) {
      // The coarser one is made of the finer one.
      for (const { suffix } of rollupLevels.toReversed()) {
        await runner.query(`drop ${isTimescale ? 'materialized view' : 'table'} ${table}${suffix}`);
      }
      await runner.query(`drop table ${table}`);
    }
    await runner.query('drop table metric_rollups_due, metric_retention, metric_series, metric_containers');
    await runner.query('alter table agents drop column clock_offset_ms');
  }
}
