import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { DueTable } from './due-rollup.repository.ts';
import { metricLevels, type MetricLevel, type MetricRetention } from './metric-levels.ts';
import { allMetricKinds } from './metric-tables.ts';
import { planPartitions, type Partition } from './plan-partitions.ts';

/** Any number will do, as long as all Flotilla programs use the same one. */
const PARTITION_LOCK = 7_305_461_122;

/** Readers and writers never wait longer than this behind a partition that is dropped. */
const LOCK_TIMEOUT_MS = 2000;

/** A table that has partitions, and one for each of its levels' suffixes. */
export interface PartitionedTable {
  readonly table: string;
  readonly levels: readonly MetricLevel[];
  /** Where rollups are marked that its rows are needed for. */
  readonly due: DueTable;
}

export const partitionedMetrics: readonly PartitionedTable[] = allMetricKinds.map(({ table }) => ({
  table,
  levels: metricLevels,
  due: 'metric_rollups_due',
}));

/** Of the coarser ones last. */
export function tableNamesOf(tables: readonly PartitionedTable[]): string[] {
  return metricLevels.flatMap((level) =>
    tables.filter(({ levels }) => levels.includes(level)).map(({ table }) => `${table}${level.suffix}`),
  );
}

/** What a pass over the partitions of all tables has done, and what it has found. */
export interface AppliedPartitionPlan {
  /** Names. */
  readonly created: readonly string[];
  /** Past their retention. */
  readonly old: readonly OldPartition[];
}

export interface OldPartition extends Partition {
  readonly due: DueTable;
}

/**
 * Makes the partitions that will be needed, in the caller's transaction; waits for another process that does the same. It
 * holds up neither readers nor writers.
 * @param now by the database's clock, which also decides what a writer accepts
 */
export async function applyPartitionPlan(
  tx: DatabaseSession,
  tables: readonly PartitionedTable[],
  retention: MetricRetention,
  now: Date,
): Promise<AppliedPartitionPlan> {
  await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
  const existing = await listPartitions(tx, tables);
  const created: string[] = [];
  const old: OldPartition[] = [];
  for (const { table: base, levels, due } of tables) {
    for (const level of levels) {
      const table = `${base}${level.suffix}`;
      const plan = planPartitions(table, level, existing.get(table) ?? [], retention, now);
      for (const partition of plan.create) {
        await createPartition(tx, table, partition);
        created.push(partition.name);
      }
      old.push(...plan.drop.map((partition) => ({ ...partition, due })));
    }
  }
  return { created, old };
}

/** `needed`: a rollup that its rows are for is not computed yet. `gone`: another process has dropped it. */
export type DropOutcome = 'dropped' | 'needed' | 'gone';

/**
 * Drops one partition, in the caller's transaction. Everybody who uses the table is waited for, and waits.
 * @throws the database's error (`isLockTimeout`) when somebody uses the table for longer than 2 s, such as a backup
 */
export async function dropPartition(
  tx: DatabaseSession,
  { name, fromMs, toMs, due }: OldPartition,
): Promise<DropOutcome> {
  await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
  const [found] = await queryRows(tx, 'select 1 from pg_class where relname = $1 and relispartition', [name]);
  if (found === undefined) return 'gone';
  const needed = await queryRows(tx, `select 1 from ${due} where bucket >= $1 and bucket < $2 limit 1`, [
    new Date(fromMs),
    new Date(toMs),
  ]);
  if (needed.length > 0) return 'needed';
  await tx.query(`set local lock_timeout to ${LOCK_TIMEOUT_MS}`);
  await tx.query(`drop table ${name}`);
  return 'dropped';
}

/** `create table … partition of` would lock the whole table against everybody; attaching does not. */
async function createPartition(tx: DatabaseSession, table: string, { name, fromMs, toMs }: Partition): Promise<void> {
  await tx.query(`create table ${name} (like ${table} including defaults including constraints including indexes)`);
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  await tx.query(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`);
}

async function listPartitions(
  db: DatabaseSession,
  tables: readonly PartitionedTable[],
): Promise<Map<string, string[]>> {
  const rows = await queryRows<{ table: string; names: string[] }>(
    db,
    `select p.relname as "table", array_agg(c.relname::text) as names
     from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_class c on c.oid = i.inhrelid
     where p.relkind = 'p' and p.relnamespace = current_schema()::regnamespace
       and p.relname = any($1::text[])
     group by 1`,
    [tableNamesOf(tables)],
  );
  return new Map(rows.map(({ table, names }) => [table, names]));
}
