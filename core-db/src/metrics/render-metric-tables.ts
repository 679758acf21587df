import type { MetricLevel, RollupLevel } from './metric-levels.ts';
import { rawLevel, rollupLevels } from './metric-levels.ts';
import type { MetricColumn, MetricKind } from './metric-tables.ts';
import { allMetricKinds } from './metric-tables.ts';

/** Whose figures they are: containers and series have numbers, so that a row of theirs has no long names. */
export const DIMENSION_TABLES = `
create table metric_containers (
  id int generated always as identity primary key,
  agent_id uuid not null references agents on delete cascade,
  docker_id text not null,
  name text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique (agent_id, docker_id)
);
create index metric_containers_name on metric_containers (agent_id, name);
create table metric_series (
  id int generated always as identity primary key,
  agent_id uuid not null references agents on delete cascade,
  container_ref int references metric_containers on delete cascade,
  name text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique nulls not distinct (agent_id, container_ref, name)
);
create index metric_series_container on metric_series (container_ref);
create table metric_retention (
  level text primary key,
  keep_ms bigint not null
);
`;

/** Buckets whose rollup is behind what it is made of. */
export const DUE_ROLLUPS_TABLE = `
create table metric_rollups_due (
  level text not null,
  agent_id uuid not null,
  bucket timestamptz not null,
  due_at timestamptz not null,
  primary key (agent_id, level, bucket)
);
create index metric_rollups_due_next on metric_rollups_due (level, due_at);
`;

/** Columns of a rollup beyond its key and `samples`. */
export function rollupColumns({ column, type }: MetricColumn): { column: string; type: string }[] {
  return ['min', 'avg', 'max'].map((part) => ({ column: `${column}_${part}`, type }));
}

/** `create table` of a kind's raw samples. */
export function renderRawTable(kind: MetricKind, options = ''): string {
  return renderTable(kind, rawLevel, [...kind.extra, ...kind.columns], options);
}

/** Statements that make all tables of the native kind, without partitions. */
export function renderPartitionedTables(): string[] {
  const options = 'partition by range (at)';
  return allMetricKinds.flatMap((kind) => [
    renderRawTable(kind, options),
    ...rollupLevels.map((level) =>
      renderTable(
        kind,
        level,
        [{ column: 'samples', type: 'int not null' }, ...kind.columns.flatMap(rollupColumns)],
        options,
      ),
    ),
  ]);
}

function renderTable(
  { table, ref, refType }: MetricKind,
  { suffix }: MetricLevel,
  columns: readonly { column: string; type: string }[],
  options: string,
): string {
  return `create table ${table}${suffix} (
  ${ref} ${refType} not null,
  at timestamptz not null,
  ${columns.map(({ column, type }) => `${column} ${type}`).join(',\n  ')},
  primary key (${ref}, at)
) ${options}`;
}

/** What a rollup's columns are computed by, in their order, from rows of the next finer level; after the key. */
export function renderAggregates({ columns }: MetricKind, { finer }: RollupLevel): string[] {
  const isFromRaw = finer === rawLevel;
  return [
    isFromRaw ? 'count(*)::int as samples' : 'sum(samples)::int as samples',
    ...columns.flatMap(({ column, type }) => {
      const of = isFromRaw
        ? { min: column, max: column, avg: `sum(${column}::float8) / count(${column})` }
        : { min: `${column}_min`, max: `${column}_max`, avg: renderWeightedAverage(`${column}_avg`) };
      return [
        `min(${of.min}) as ${column}_min`,
        `(${of.avg})::${type} as ${column}_avg`,
        `max(${of.max}) as ${column}_max`,
      ];
    }),
  ];
}

/**
 * Average of averages by the samples in each. A figure that only some samples of a bucket knew weighs as if all had: a
 * count for each figure would double the table to correct what is rare. Never `avg()`: it squares, and so overflows early.
 */
export function renderWeightedAverage(column: string): string {
  return `sum(${column}::float8 * samples) / sum(samples) filter (where ${column} is not null)`;
}
