import { inTransaction, type Database } from '../database.ts';
import type { DatabaseSession } from '../database-session.ts';
import {
  deleteDueRollups,
  lockDueRollups,
  markCoarserRollupsDue,
  type DueRollup,
} from '../metrics/due-rollup.repository.ts';
import { rawLevel, rollupLevels, type RollupLevel } from '../metrics/metric-levels.ts';
import { renderTrafficSum } from './render-traffic-sum.ts';
import { rollUpTops, type MergeTopLists } from './roll-up-tops.ts';
import { ALL_SERVICES, topsLevels, trafficColumns } from './traffic-tables.ts';

/** Buckets of nodes in one transaction: short enough that a writer of a late row never waits long. */
const BATCH = 50;
const DUE_TABLE = 'traffic_rollups_due';

/**
 * Computes rollups of traffic whose time has come: one batch at each level, each in a transaction that also removes the marks, as
 * `rollUpMetrics` does. Any number of processes may do it at once.
 * @param merge of two lists, each as long as they may be
 * @returns buckets of agents that were computed, and whether there may be more now
 */
export async function rollUpTraffic(
  database: Database,
  merge: MergeTopLists,
  limit = BATCH,
): Promise<{ readonly buckets: number; readonly isMore: boolean }> {
  let buckets = 0;
  let isMore = false;
  for (const [index, level] of rollupLevels.entries()) {
    const done = await inTransaction(database, (tx) => rollUpLevel(tx, merge, level, rollupLevels[index + 1], limit));
    buckets += done;
    isMore ||= done === limit;
  }
  return { buckets, isMore };
}

async function rollUpLevel(
  tx: DatabaseSession,
  merge: MergeTopLists,
  level: RollupLevel,
  coarser: RollupLevel | undefined,
  limit: number,
): Promise<number> {
  const due = await lockDueRollups(tx, DUE_TABLE, level, limit);
  if (due.length === 0) return 0;
  // Only now: these statements see every row whose mark was committed before it was locked.
  await computeCounts(tx, level, due);
  if (topsLevels.includes(level)) await rollUpTops(tx, merge, level, due);
  if (coarser !== undefined) await markCoarserRollupsDue(tx, DUE_TABLE, coarser, due);
  await deleteDueRollups(tx, DUE_TABLE, level, due);
  return due.length;
}

/** A rollup is never replaced by one of fewer requests: past their retention the finer rows are gone. */
async function computeCounts(tx: DatabaseSession, level: RollupLevel, due: readonly DueRollup[]): Promise<void> {
  const target = `traffic${level.suffix}`;
  const times = due.map(({ bucket }) => bucket.getTime());
  // The finest rollup also has all services together.
  const services =
    level.finer === rawLevel ? `(values (t.service_id), ('${ALL_SERVICES}'::uuid))` : '(values (t.service_id))';
  const rows = `select t.agent_id, s.service_id, d.bucket as at, ${trafficColumns.join(', ')}
    from unnest($1::uuid[], $2::timestamptz[]) as d (agent_id, bucket)
    join traffic${level.finer.suffix} t on t.agent_id = d.agent_id
      and t.at >= d.bucket and t.at < d.bucket + interval '${level.interval}' and t.at >= $3 and t.at < $4
    cross join lateral ${services} as s (service_id)`;
  await tx.query(
    `insert into ${target} (agent_id, service_id, at, ${trafficColumns.join(', ')})
     ${renderTrafficSum(rows, ['agent_id', 'service_id', 'at'])}
     on conflict (agent_id, at, service_id) do update
       set ${trafficColumns.map((column) => `${column} = excluded.${column}`).join(', ')}
       where excluded.requests >= ${target}.requests`,
    [
      due.map(({ agentId }) => agentId),
      due.map(({ bucket }) => bucket),
      new Date(Math.min(...times)),
      new Date(Math.max(...times) + level.resolutionMs),
    ],
  );
}
