import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { AgentSample } from './agent-sample.ts';
import type { RollupLevel } from './metric-levels.ts';
import { rollupLevels } from './metric-levels.ts';

/** Rollups begin this long after their bucket has ended, so that most are computed once. */
const SETTLE_MS = 15_000;

/** Where marks stand: each kind of rollups has its own table. */
export type DueTable = 'metric_rollups_due' | 'traffic_rollups_due';

/** One agent's bucket whose rollup must be computed (again). */
export interface DueRollup {
  readonly agentId: string;
  /** Beginning of the bucket. */
  readonly bucket: Date;
}

/**
 * Marks the buckets of samples, in the transaction that stores the samples, as its last statement. A mark that is there is
 * locked, without a new version of it: a rollup that would read before these rows are committed skips the locked mark; one
 * that already works on it makes this wait, and then a new mark stands for these rows.
 */
export async function markRollupsDue(tx: DatabaseSession, samples: readonly AgentSample[]): Promise<void> {
  const [finest] = rollupLevels;
  if (finest === undefined) return;
  const rows = samples.map(({ agentId, sample }) => ({ agentId, atMs: sample.sampledAt }));
  await markBucketsDue(tx, 'metric_rollups_due', finest, rows);
}

/** Marks the buckets that rows lie in, in the order of their keys. */
export async function markBucketsDue(
  tx: DatabaseSession,
  table: DueTable,
  level: RollupLevel,
  rows: readonly { readonly agentId: string; readonly atMs: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  const marks = new Map<string, readonly [agentId: string, bucketMs: number]>();
  for (const { agentId, atMs } of rows) {
    const bucketMs = Math.floor(atMs / level.resolutionMs) * level.resolutionMs;
    marks.set(`${agentId} ${bucketMs}`, [agentId, bucketMs]);
  }
  const values = [...marks.values()];
  await insertMarks(tx, table, level, `select * from unnest($1::uuid[], $2::timestamptz[])`, [
    values.map(([agentId]) => agentId),
    values.map(([, bucketMs]) => new Date(bucketMs)),
  ]);
}

/** Marks the coarser buckets that lie around `finer` ones, in the transaction that computes those. */
export async function markCoarserRollupsDue(
  tx: DatabaseSession,
  table: DueTable,
  level: RollupLevel,
  finer: readonly DueRollup[],
): Promise<void> {
  await insertMarks(
    tx,
    table,
    level,
    `select distinct d.agent_id, date_bin(interval '${level.interval}', d.bucket, timestamptz 'epoch')
     from unnest($1::uuid[], $2::timestamptz[]) as d (agent_id, bucket)`,
    [finer.map(({ agentId }) => agentId), finer.map(({ bucket }) => bucket)],
  );
}

async function insertMarks(
  tx: DatabaseSession,
  table: DueTable,
  { name, interval }: RollupLevel,
  buckets: string,
  parameters: readonly unknown[],
): Promise<void> {
  await tx.query(
    `insert into ${table} (level, agent_id, bucket, due_at)
     select '${name}', b.agent_id, b.bucket,
       greatest(b.bucket + interval '${interval}', now()) + interval '${SETTLE_MS} milliseconds'
     from (${buckets}) as b (agent_id, bucket) order by b.agent_id, b.bucket
     on conflict (agent_id, level, bucket) do update set due_at = excluded.due_at where false`,
    [...parameters],
  );
}

/** Up to `limit` buckets whose time has come, held until the transaction ends; what others hold is skipped. */
export async function lockDueRollups(
  tx: DatabaseSession,
  table: DueTable,
  level: RollupLevel,
  limit: number,
): Promise<DueRollup[]> {
  return queryRows(
    tx,
    `select agent_id as "agentId", bucket from ${table} where level = $1 and due_at <= now()
     order by due_at limit $2 for update skip locked`,
    [level.name, limit],
  );
}

export async function deleteDueRollups(
  tx: DatabaseSession,
  table: DueTable,
  level: RollupLevel,
  done: readonly DueRollup[],
): Promise<void> {
  await tx.query(
    `delete from ${table} d using unnest($2::uuid[], $3::timestamptz[]) as u (agent_id, bucket)
     where d.level = $1 and d.agent_id = u.agent_id and d.bucket = u.bucket`,
    [level.name, done.map(({ agentId }) => agentId), done.map(({ bucket }) => bucket)],
  );
}
