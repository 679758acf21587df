import type { MetricResolution } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { DueTable } from './due-rollup.repository.ts';
import type { MetricStoreState } from './plan-metric-segments.ts';

/**
 * Rows that came later than that make nobody read raw samples of days in place of rollups: the rollups have them in a
 * moment. Unless nobody computes rollups: then whatever they lack is read where it is, slowly.
 */
const LATE = `interval '1 day'`;
const OVERDUE = `interval '5 minutes'`;

/** What there is to read. @param agentIds null for those of all nodes */
export async function readStoreState(
  db: DatabaseSession,
  due: DueTable,
  agentIds: readonly string[] | null,
): Promise<MetricStoreState> {
  const rows = await queryRows<{ now: Date; level: MetricResolution; keepMs: string; oldestDue: Date | null }>(
    db,
    `select now() as now, r.level, r.keep_ms as "keepMs",
       (select min(d.bucket) from ${due} d
        where ($1::uuid[] is null or d.agent_id = any($1)) and d.level = r.level
          and (d.bucket > now() - ${LATE} or d.due_at < now() - ${OVERDUE})) as "oldestDue"
     from metric_retention r`,
    [agentIds === null ? null : [...new Set(agentIds)]],
  );
  const [first] = rows;
  if (first === undefined) throw new Error('metric_retention is empty');
  return {
    now: first.now,
    retention: Object.fromEntries(
      rows.map(({ level, keepMs }) => [level, Number(keepMs)]),
    ) as MetricStoreState['retention'],
    oldestDueMs: Object.fromEntries(
      rows.flatMap(({ level, oldestDue }) => (oldestDue === null ? [] : [[level, oldestDue.getTime()]])),
    ),
  };
}
