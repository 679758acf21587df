import { queryRows, type DatabaseSession } from '../database-session.ts';
import { metricLevels } from './metric-levels.ts';
import { allMetricKinds } from './metric-tables.ts';
import { readStorageKind, type StorageKind } from './storage-kind.repository.ts';

/** One table, by the server's own estimates: exact figures would read it whole. */
export interface StoredTable {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** Beginning of its oldest partition with rows; null for an empty table. */
  readonly oldestAt: Date | null;
}

export interface StorageState {
  readonly kind: StorageKind;
  readonly tables: readonly StoredTable[];
  /** Buckets whose time to be rolled up has come. */
  readonly waitingRollups: number;
}

/** Partitions of a table, with their bounds: `$1` are the tables' names. */
const NATIVE_PARTITIONS = `
  select p.relname::text as name, c.oid as relation,
    (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz as begins
  from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_class c on c.oid = i.inhrelid
  where p.relkind = 'p' and p.relname = any($1::text[])`;

/** The same of hypertables, of which continuous aggregates have one each. */
const TIMESCALE_PARTITIONS = `
  select t.name, format('%I.%I', k.chunk_schema, k.chunk_name)::regclass::oid as relation, k.range_start as begins
  from (
    select n as name, coalesce(a.materialization_hypertable_name, n) as hypertable
    from unnest($1::text[]) as n
    left join timescaledb_information.continuous_aggregates a on a.view_name = n
  ) as t join timescaledb_information.chunks k on k.hypertable_name = t.hypertable`;

/** What the time series take, for the pipeline page. */
export async function readStorageState(db: DatabaseSession): Promise<StorageState> {
  const kind = await readStorageKind(db);
  const names = metricLevels.flatMap(({ suffix }) => allMetricKinds.map(({ table }) => `${table}${suffix}`));
  const found = await queryRows<StoredTable>(
    db,
    `select name, sum(rows)::float8 as rows, sum(bytes)::float8 as bytes, min(begins) filter (where rows > 0) as "oldestAt"
     from (
       select p.name, p.begins, pg_total_relation_size(p.relation) as bytes,
         greatest(c.reltuples, pg_stat_get_live_tuples(p.relation), 0)::bigint as rows
       from (${kind === 'native' ? NATIVE_PARTITIONS : TIMESCALE_PARTITIONS}) as p join pg_class c on c.oid = p.relation
     ) as parts group by name`,
    [names],
  );
  const [waiting] = await queryRows<{ count: number }>(
    db,
    'select count(*)::int as count from metric_rollups_due where due_at <= now()',
  );
  const empty = { rows: 0, bytes: 0, oldestAt: null };
  return {
    kind,
    tables: names.map((name) => found.find((table) => table.name === name) ?? { name, ...empty }),
    waitingRollups: waiting?.count ?? 0,
  };
}
