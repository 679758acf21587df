import { inTransaction, type Database } from '../database.ts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { findRetentionProblems, type MetricRetention } from './metric-levels.ts';
import { applyPartitionPlan, type PartitionChanges } from './metric-partitions.repository.ts';
import { readMetricRetention, setMetricRetention } from './metric-retention.repository.ts';
import { renderTimescalePolicies } from './render-timescale.ts';
import { deleteOldSubjects } from './subject.repository.ts';
import { readStorageKind } from './storage-kind.repository.ts';

/**
 * Puts a retention into effect: makes partitions ahead and drops old ones, or gives TimescaleDB its policies; forgets
 * containers and series that nothing is kept of. To be called
 * every few minutes, by any number of processes.
 * @throws RangeError when the retention contradicts itself; the database's error when a lock could not be had within 2 s
 */
export async function maintainMetricPartitions(
  database: Database,
  retention: MetricRetention,
): Promise<PartitionChanges> {
  const problems = findRetentionProblems(retention);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  const kind = await readStorageKind(database.manager);
  return inTransaction(database, async (tx) => {
    const isChanged = await setMetricRetention(tx, retention);
    await deleteOldSubjects(tx, retention['6h']);
    if (kind === 'native') return applyPartitionPlan(tx, retention, await readNow(tx), { mayDrop: true });
    if (isChanged) for (const statement of renderTimescalePolicies(retention)) await tx.query(statement);
    return { created: [], dropped: [] };
  });
}

/** Makes the partitions that are missing now. */
export async function ensureMetricPartitions(database: Database): Promise<void> {
  await inTransaction(database, async (tx) => {
    await applyPartitionPlan(tx, await readMetricRetention(tx), await readNow(tx), { mayDrop: false });
  });
}

async function readNow(db: DatabaseSession): Promise<Date> {
  const [row] = await queryRows<{ now: Date }>(db, 'select now()');
  if (row === undefined) throw new Error('the database does not say what time it is');
  return row.now;
}
