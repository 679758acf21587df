import { queryRows, type DatabaseSession } from '../database-session.ts';
import { partitionedTraffic } from '../traffic/traffic-tables.ts';
import { partitionedMetrics, tableNamesOf } from './metric-partitions.repository.ts';
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

/** `$1` are the tables' names. An empty partition has no pages. */
const NATIVE_TABLES = `
  select name, sum(rows)::float8 as rows, sum(bytes)::float8 as bytes, min(begins) filter (where pages > 0) as "oldestAt"
  from (
    select p.relname::text as name, pg_total_relation_size(c.oid) as bytes, pg_relation_size(c.oid) as pages,
      greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0) as rows,
      (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz as begins
    from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_class c on c.oid = i.inhrelid
    where p.relkind = 'p' and p.relname = any($1::text[])
  ) as parts group by name`;

/** A continuous aggregate has a hypertable of its own; a chunk is made for its first row. */
const TIMESCALE_TABLES = `
  select t.name, approximate_row_count(t.hypertable)::float8 as rows, hypertable_size(t.hypertable)::float8 as bytes,
    (select min(c.range_start) from timescaledb_information.chunks c
     where format('%I.%I', c.hypertable_schema, c.hypertable_name)::regclass = t.hypertable) as "oldestAt"
  from (
    select n as name,
      coalesce(quote_ident(a.materialization_hypertable_schema) || '.' || quote_ident(a.materialization_hypertable_name), n)
        ::regclass as hypertable
    from unnest($1::text[]) as n left join timescaledb_information.continuous_aggregates a on a.view_name = n
  ) as t`;

/** What the time series take, for the pipeline page. */
export async function readStorageState(db: DatabaseSession): Promise<StorageState> {
  const kind = await readStorageKind(db);
  const metrics = tableNamesOf(partitionedMetrics);
  const traffic = tableNamesOf(partitionedTraffic);
  const found = [
    ...(await queryRows<StoredTable>(db, kind === 'native' ? NATIVE_TABLES : TIMESCALE_TABLES, [metrics])),
    ...(await queryRows<StoredTable>(db, NATIVE_TABLES, [traffic])),
  ];
  const [waiting] = await queryRows<{ count: number }>(
    db,
    `select ((select count(*) from metric_rollups_due where due_at <= now())
       + (select count(*) from traffic_rollups_due where due_at <= now()))::int as count`,
  );
  const empty = { rows: 0, bytes: 0, oldestAt: null };
  return {
    kind,
    tables: [...metrics, ...traffic].map((name) => found.find((table) => table.name === name) ?? { name, ...empty }),
    waitingRollups: waiting?.count ?? 0,
  };
}
