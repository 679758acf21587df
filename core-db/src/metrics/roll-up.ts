import { inTransaction, type Database } from '../database.ts';
import type { DatabaseSession } from '../database-session.ts';
import { deleteDueRollups, lockDueRollups, markCoarserRollupsDue, type DueRollup } from './due-rollup.repository.ts';
import { rollupLevels, type RollupLevel } from './metric-levels.ts';
import { allMetricKinds } from './metric-tables.ts';
import { renderRollup } from './render-rollup.ts';

/** Buckets in one transaction: short enough that a writer of a late row never waits long. */
const BATCH = 200;
const DUE_TABLE = 'metric_rollups_due';

/**
 * Computes rollups whose time has come: one batch at each level, each in a transaction that also removes the marks, so that
 * a process that is killed half-way has changed nothing. Any number of processes may do it at once. With TimescaleDB there
 * are never marks, and nothing to do.
 * @returns buckets of agents that were computed, and whether there may be more now
 */
export async function rollUpMetrics(
  database: Database,
  limit = BATCH,
): Promise<{ readonly buckets: number; readonly isMore: boolean }> {
  let buckets = 0;
  let isMore = false;
  for (const [index, level] of rollupLevels.entries()) {
    const done = await inTransaction(database, (tx) => rollUpLevel(tx, level, rollupLevels[index + 1], limit));
    buckets += done;
    isMore ||= done === limit;
  }
  return { buckets, isMore };
}

async function rollUpLevel(
  tx: DatabaseSession,
  level: RollupLevel,
  coarser: RollupLevel | undefined,
  limit: number,
): Promise<number> {
  const due = await lockDueRollups(tx, DUE_TABLE, level, limit);
  if (due.length === 0) return 0;
  // Only now: these statements see every row whose mark was committed before it was locked.
  await computeRollups(tx, level, due);
  if (coarser !== undefined) await markCoarserRollupsDue(tx, DUE_TABLE, coarser, due);
  await deleteDueRollups(tx, DUE_TABLE, level, due);
  return due.length;
}

async function computeRollups(tx: DatabaseSession, level: RollupLevel, due: readonly DueRollup[]): Promise<void> {
  const times = due.map(({ bucket }) => bucket.getTime());
  const parameters = [
    due.map(({ agentId }) => agentId),
    due.map(({ bucket }) => bucket),
    new Date(Math.min(...times)),
    new Date(Math.max(...times) + level.resolutionMs),
  ];
  for (const kind of allMetricKinds) await tx.query(renderRollup(kind, level), parameters);
}
