import type { MetricSegment } from './plan-metric-segments.ts';
import { rawLevel } from './metric-levels.ts';
import type { MetricColumn, MetricKind } from './metric-tables.ts';
import { rollupColumns } from './render-metric-tables.ts';

/** A statement with its parameters. */
export interface SeriesQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * Points of several refs: rows `ref`, `step` (index from `fromMs`), and for each column, by its index, `min0`, `max0`, and
 * of its average `sum0` and `samples0`, so that points of several refs can be joined. Steps of which nothing is known have
 * no row. Grouped by ref, and not by what it belongs to: the planner knows how many refs there are.
 */
export function renderSeriesQuery(
  kind: MetricKind,
  columns: readonly MetricColumn[],
  refs: readonly (string | number)[],
  segments: readonly MetricSegment[],
  { fromMs, stepMs }: { readonly fromMs: number; readonly stepMs: number },
): SeriesQuery {
  const parameters: unknown[] = [refs, new Date(fromMs), stepMs];
  const parts = segments.map((segment) => {
    const from = parameters.push(new Date(segment.fromMs));
    const to = parameters.push(new Date(segment.toMs));
    return `select ${kind.ref} as ref, at, ${listPartColumns(columns, segment)}
      from ${kind.table}${segment.level.suffix}
      where ${kind.ref} = any($1::${kind.refType}[]) and at >= $${from} and at < $${to}`;
  });
  const values = columns.flatMap(({ column }, index) => [
    `min(${column}_min) as min${index}`,
    `max(${column}_max) as max${index}`,
    `sum(${column}_avg::float8 * samples) as sum${index}`,
    `(sum(samples) filter (where ${column}_avg is not null))::float8 as samples${index}`,
  ]);
  const results = columns.map((_column, index) => `min${index}, max${index}, sum${index}, samples${index}`);
  const sql = `
    select ref, round(extract(epoch from begins - $2::timestamptz) * 1000 / $3)::int as step, ${results.join(', ')}
    from (
      select ref, date_bin($3 * interval '1 millisecond', at, $2::timestamptz) as begins, ${values.join(', ')}
      from (${parts.join(' union all ')}) as parts group by 1, 2
    ) as points`;
  return { sql, parameters };
}

/** The three columns of each metric, as a rollup has them; a raw sample is least, average and most at once. */
function listPartColumns(columns: readonly MetricColumn[], { level }: MetricSegment): string {
  const names = columns.flatMap((column) =>
    rollupColumns(column).map((part) => (level === rawLevel ? `${column.column} as ${part.column}` : part.column)),
  );
  return [level === rawLevel ? '1 as samples' : 'samples', ...names].join(', ');
}
