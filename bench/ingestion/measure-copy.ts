import { copyRows } from '@flotilla/core-db';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type pg from 'pg';

const TABLES = ['host_metrics', 'container_metrics'] as const;

/** How long the same rows took, in milliseconds. */
export interface CopyTimes {
  /** By a client that has them in memory, as any client would have to send them. */
  readonly clientMs: number;
  /** By the server itself, from its own files: nothing is faster, and no client can do it from elsewhere. */
  readonly serverMs: number;
}

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
 * The baseline: the rows that the tables hold now, once more into the same tables by one plain binary COPY of each. Leaves
 * the tables empty.
 */
export async function measureCopy(database: pg.Client, filePrefix: string): Promise<CopyTimes> {
  const files = TABLES.map((table) => ({ table, file: `${filePrefix}-${table}.copy` }));
  for (const { table, file } of files) {
    await database.query(`copy (select * from ${table}) to '${file}' with (format binary)`);
  }
  const serverMs = await timeInto(database, async () => {
    for (const { table, file } of files) await database.query(`copy ${table} from '${file}' with (format binary)`);
  });
  const contents = await Promise.all(files.map(async ({ table, file }) => ({ table, rows: await readFile(file) })));
  const clientMs = await timeInto(database, async () => {
    for (const { table, rows } of contents) await copyRows(database, table, rows);
  });
  return { clientMs, serverMs };
}

/** Milliseconds that `work` takes to fill the tables, which are empty before and after. */
async function timeInto(database: pg.Client, work: () => Promise<void>): Promise<number> {
  await emptyTables(database);
  const before = performance.now();
  await work();
  const tookMs = performance.now() - before;
  await emptyTables(database);
  return tookMs;
}
