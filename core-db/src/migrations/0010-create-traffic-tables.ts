import type { MigrationInterface, QueryRunner } from 'typeorm';
import { queryRows } from '../database-session.ts';
import { applyPartitionPlan } from '../metrics/metric-partitions.repository.ts';
import { readMetricRetention } from '../metrics/metric-retention.repository.ts';
import { metricLevels } from '../metrics/metric-levels.ts';
import { partitionedTraffic, renderTrafficTables, topsLevels } from '../traffic/traffic-tables.ts';

/** Requests by service and node over time, and what came most often. */
export class CreateTrafficTables1795428000000 implements MigrationInterface {
  readonly name = 'CreateTrafficTables1795428000000';

  async up(runner: QueryRunner): Promise<void> {
    const { manager } = runner;
    for (const statement of renderTrafficTables()) await runner.query(statement);
    const [{ now } = { now: new Date() }] = await queryRows<{ now: Date }>(manager, 'select now()');
    await applyPartitionPlan(manager, partitionedTraffic, await readMetricRetention(manager), now);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { suffix } of metricLevels) await runner.query(`drop table traffic${suffix}`);
    for (const { suffix } of topsLevels) await runner.query(`drop table traffic_tops${suffix}`);
    await runner.query('drop table traffic_rollups_due');
  }
}
