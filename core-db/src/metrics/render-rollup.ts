import type { RollupLevel } from './metric-levels.ts';
import { LAST_SEEN_LAG_MS } from './metric-subjects.ts';
import { metricKinds, type MetricKind } from './metric-tables.ts';
import { renderAggregates, rollupColumns } from './render-metric-tables.ts';

/**
 * Computes the rollups of buckets from the next finer level. Parameters: agents, their buckets, and the time range that all
 * buckets lie in, from which the planner sees which partitions it needs.
 *
 * A bucket's finer rows are in one partition, so either all are there or, past their retention, none; and a rollup is never
 * replaced by one of fewer samples.
 */
export function renderRollup(kind: MetricKind, level: RollupLevel): string {
  const columns = ['samples', ...kind.columns.flatMap(rollupColumns).map(({ column }) => column)];
  const target = `${kind.table}${level.suffix}`;
  return `insert into ${target} (${kind.ref}, at, ${columns.join(', ')})
    select s.ref, d.bucket, ${columns.map((column) => `r.${column}`).join(', ')}
    from unnest($1::uuid[], $2::timestamptz[]) as d (agent_id, bucket)
    cross join lateral (${renderSubjects(kind)}) as s (ref)
    cross join lateral (
      select ${renderAggregates(kind, level).join(', ')} from ${kind.table}${level.finer.suffix}
      where ${kind.ref} = s.ref and at >= d.bucket and at < d.bucket + interval '${level.interval}'
        and at >= $3 and at < $4
    ) as r
    where r.samples > 0
    on conflict (${kind.ref}, at) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
    where excluded.samples >= ${target}.samples`;
}

/** Whose rows an agent's bucket may have. */
function renderSubjects(kind: MetricKind): string {
  if (kind === metricKinds.host) return 'select d.agent_id';
  const table = kind === metricKinds.container ? 'metric_containers' : 'metric_series';
  return `select id from ${table}
    where agent_id = d.agent_id and last_seen_at >= d.bucket - interval '${LAST_SEEN_LAG_MS} milliseconds'`;
}
