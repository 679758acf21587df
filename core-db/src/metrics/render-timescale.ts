import type { MetricRetention, RollupLevel } from './metric-levels.ts';
import { metricLevels, rawLevel, rollupLevels } from './metric-levels.ts';
import type { MetricKind } from './metric-tables.ts';
import { allMetricKinds } from './metric-tables.ts';
import { renderAggregates, renderRawTable } from './render-metric-tables.ts';

/** How often an aggregate is brought up to date, and how far behind now it stays; its view adds the rest by itself. */
const REFRESH = {
  '1m': { every: '1 minute', behind: '2 minutes' },
  '15m': { every: '15 minutes', behind: '30 minutes' },
  '6h': { every: '1 hour', behind: '12 hours' },
} as const;

/** Statements that make hypertables, continuous aggregates on them and each other, and their policies. */
export function renderTimescaleTables(retention: MetricRetention): string[] {
  return [
    ...allMetricKinds.flatMap((kind) => [
      ...renderHypertable(kind),
      ...rollupLevels.map((level) => renderView(kind, level)),
    ]),
    ...renderTimescalePolicies(retention),
  ];
}

function renderHypertable(kind: MetricKind): string[] {
  return [
    renderRawTable(kind),
    `select create_hypertable('${kind.table}', 'at', chunk_time_interval => ${renderInterval(rawLevel.partitionMs)},
       create_default_indexes => false)`,
    `alter table ${kind.table} set (timescaledb.compress, timescaledb.compress_segmentby = '${kind.ref}',
       timescaledb.compress_orderby = 'at desc')`,
    `select add_compression_policy('${kind.table}', interval '1 day')`,
  ];
}

function renderView(kind: MetricKind, level: RollupLevel): string {
  return `create materialized view ${kind.table}${level.suffix}
    with (timescaledb.continuous, timescaledb.materialized_only = false) as
    select ${kind.ref}, time_bucket(interval '${level.interval}', at) as at,
      ${renderAggregates(kind, level).join(',\n      ')}
    from ${kind.table}${level.finer.suffix} group by 1, 2 with no data`;
}

/**
 * Refresh and retention, in place of those that are there. Late rows are taken in as long as raw rows are kept, at every
 * level: a refresh of what is already dropped would empty the aggregate.
 */
export function renderTimescalePolicies(retention: MetricRetention): string[] {
  return allMetricKinds.flatMap(({ table }) => [
    ...rollupLevels.flatMap(({ name, suffix }) => [
      `select remove_continuous_aggregate_policy('${table}${suffix}', if_exists => true)`,
      `select add_continuous_aggregate_policy('${table}${suffix}',
         start_offset => ${renderInterval(retention.raw)},
         end_offset => interval '${REFRESH[name].behind}',
         schedule_interval => interval '${REFRESH[name].every}')`,
    ]),
    ...metricLevels.flatMap(({ name, suffix }) => [
      `select remove_retention_policy('${table}${suffix}', if_exists => true)`,
      `select add_retention_policy('${table}${suffix}', ${renderInterval(retention[name])})`,
    ]),
  ]);
}

function renderInterval(durationMs: number): string {
  return `interval '${durationMs} milliseconds'`;
}
