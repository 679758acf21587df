import { performance } from 'node:perf_hooks';
import type pg from 'pg';

const TABLES = ['host_metrics', 'container_metrics'] as const;

/** Empties the tables of samples. */
export async function emptyTables(database: pg.Client): Promise<void> {
  await database.query(`truncate ${TABLES.join(', ')}, metric_rollups_due`);
}

export async function countRows(database: pg.Client): Promise<number> {
  const counts = TABLES.map((table) => `(select count(*) from ${table})`);
  const { rows } = await database.query<{ count: string }>(`select ${counts.join(' + ')} as count`);
  return Number(rows[0]?.count);
}

/**
 * The baseline: the rows that the tables hold now, once more into the same tables by a plain binary COPY of each, from files
 * of the server: there is no faster way in. Leaves the tables empty.
 * @returns milliseconds
 */
export async function measureCopy(database: pg.Client, filePrefix: string): Promise<number> {
  const fileOf = (table: string): string => `${filePrefix}-${table}.copy`;
  for (const table of TABLES)
    await database.query(`copy (select * from ${table}) to '${fileOf(table)}' with (format binary)`);
  await emptyTables(database);
  const before = performance.now();
  for (const table of TABLES) await database.query(`copy ${table} from '${fileOf(table)}' with (format binary)`);
  const tookMs = performance.now() - before;
  await emptyTables(database);
  return tookMs;
}
