import { isLockTimeout } from '../database-errors.ts';
import { inTransaction, type Database } from '../database.ts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { findRetentionProblems, type MetricRetention } from './metric-levels.ts';
import {
  applyPartitionPlan,
  dropPartition,
  partitionedMetrics,
  type OldPartition,
  type PartitionedTable,
} from './metric-partitions.repository.ts';
import { readMetricRetention, setMetricRetention } from './metric-retention.repository.ts';
import { renderTimescalePolicies } from './render-timescale.ts';
import { deleteOldSubjects } from './subject.repository.ts';
import { partitionedTraffic } from '../traffic/traffic-tables.ts';
import { tableOfPartition } from './plan-partitions.ts';
import { readStorageKind } from './storage-kind.repository.ts';

/** What was done to the partitions; names. With TimescaleDB only to those of traffic: it keeps its own of metrics. */
export interface PartitionChanges {
  readonly created: readonly string[];
  readonly dropped: readonly string[];
  /**
   * Past their retention, and left for the next time: somebody used their table for too long, or rollups of their rows are
   * not computed yet.
   */
  readonly postponed: readonly string[];
}

/**
 * Puts a retention into effect: makes partitions ahead and drops old ones, or gives TimescaleDB its policies; forgets
 * containers and series that nothing is kept of. To be called every few minutes, by any number of processes.
 * @throws RangeError when the retention contradicts itself
 */
export async function maintainMetricPartitions(
  database: Database,
  retention: MetricRetention,
): Promise<PartitionChanges> {
  const problems = findRetentionProblems(retention);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  const kind = await readStorageKind(database.manager);
  // Apart from dropping, which may have to wait: partitions ahead must never be missing for that.
  const { created, old } = await inTransaction(database, async (tx) => {
    const isChanged = await setMetricRetention(tx, retention);
    await deleteOldSubjects(tx, retention['6h']);
    if (kind === 'timescale' && isChanged)
      for (const statement of renderTimescalePolicies(retention)) await tx.query(statement);
    const tables = kind === 'native' ? [...partitionedMetrics, ...partitionedTraffic] : partitionedTraffic;
    return applyPartitionPlan(tx, tables, retention, await readNow(tx));
  });
  return { created, ...(await dropPartitions(database, old)) };
}

async function dropPartitions(
  database: Database,
  old: readonly OldPartition[],
): Promise<Pick<PartitionChanges, 'dropped' | 'postponed'>> {
  const dropped: string[] = [];
  const postponed: string[] = [];
  const busyTables = new Set<string>();
  for (const partition of old) {
    const { name } = partition;
    const table = tableOfPartition(name);
    // Once is enough: whoever comes after a drop that waits, waits as well.
    if (busyTables.has(table)) {
      postponed.push(name);
      continue;
    }
    try {
      const outcome = await inTransaction(database, (tx) => dropPartition(tx, partition));
      if (outcome === 'dropped') dropped.push(name);
      if (outcome === 'needed') postponed.push(name);
    } catch (err) {
      if (!isLockTimeout(err)) throw err;
      busyTables.add(table);
      postponed.push(name);
    }
  }
  return { dropped, postponed };
}

/** Makes the partitions that are missing now. */
export async function ensurePartitions(database: Database, tables: readonly PartitionedTable[]): Promise<void> {
  await inTransaction(database, async (tx) => {
    await applyPartitionPlan(tx, tables, await readMetricRetention(tx), await readNow(tx));
  });
}

async function readNow(db: DatabaseSession): Promise<Date> {
  const [row] = await queryRows<{ now: Date }>(db, 'select now()');
  if (row === undefined) throw new Error('the database does not say what time it is');
  return row.now;
}
