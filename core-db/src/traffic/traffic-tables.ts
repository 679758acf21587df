import { trafficMethods, trafficProtocols } from '@flotilla/contracts';
import { metricLevels, rawLevel, rollupLevels, type MetricLevel } from '../metrics/metric-levels.ts';
import type { PartitionedTable } from '../metrics/metric-partitions.repository.ts';

/** Of requests that reached no service: a key has no null. */
export const NO_SERVICE = '00000000-0000-0000-0000-000000000000';
/** Of all requests of a node together, in rollups only: a fleet's chart then reads a row for each node, not for each service. */
export const ALL_SERVICES = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Top lists are told by the minute, so their first rollup is the second one. */
export const topsLevels: readonly MetricLevel[] = [rawLevel, ...rollupLevels.slice(1)];

/** The same with TimescaleDB: its aggregates cannot merge sketches. */
export const partitionedTraffic: readonly PartitionedTable[] = [
  { table: 'traffic', levels: metricLevels, due: 'traffic_rollups_due' },
  { table: 'traffic_tops', levels: topsLevels, due: 'traffic_rollups_due' },
];

/** Numbers that are summed one by one, in fixed places. */
export const fixedCounts = [
  { column: 'methods', places: trafficMethods.length },
  { column: 'protocols', places: trafficProtocols.length },
] as const;

/** Pairs of columns: values, and how often each came. */
export const sparseCounts = [
  { values: 'statuses', counts: 'status_counts' },
  { values: 'latency_buckets', counts: 'latency_counts' },
  { values: 'upstream_buckets', counts: 'upstream_counts' },
] as const;

/** Columns of lists. */
export const trafficLists: readonly string[] = [
  ...fixedCounts.map(({ column }) => column),
  ...sparseCounts.flatMap(({ values, counts }) => [values, counts]),
];
/** All columns but the key. */
export const trafficColumns: readonly string[] = ['requests', 'bytes_sent', ...trafficLists];

const COUNTS = `
  requests bigint not null,
  bytes_sent bigint not null,
  methods bigint[] not null,
  protocols bigint[] not null,
  statuses smallint[] not null,
  status_counts bigint[] not null,
  latency_buckets smallint[] not null,
  latency_counts bigint[] not null,
  upstream_buckets smallint[] not null,
  upstream_counts bigint[] not null`;

/** Statements that make all tables, without partitions. */
export function renderTrafficTables(): string[] {
  return [
    ...metricLevels.flatMap((level) => renderTable('traffic', level, COUNTS)),
    ...topsLevels.flatMap((level) => renderTable('traffic_tops', level, 'lists jsonb not null')),
    `create table traffic_rollups_due (
      level text not null,
      agent_id uuid not null,
      bucket timestamptz not null,
      due_at timestamptz not null,
      primary key (agent_id, level, bucket)
    )`,
    'create index traffic_rollups_due_next on traffic_rollups_due (level, due_at)',
  ];
}

/** Of an interval a node may tell in several messages, whose times tell their rows apart; a rollup has one. */
function renderTable(name: string, level: MetricLevel, columns: string): string[] {
  const isRaw = level === rawLevel;
  const table = `${name}${level.suffix}`;
  return [
    `create table ${table} (
      agent_id uuid not null,
      at timestamptz not null,
      service_id uuid not null,
      ${isRaw ? 'sent_at timestamptz not null,' : ''}
      ${columns},
      primary key (agent_id, at, service_id${isRaw ? ', sent_at' : ''})
    ) partition by range (at)`,
    `create index ${table}_service on ${table} (service_id, at)`,
  ];
}
