import type { MetricSegment } from './plan-metric-segments.ts';
import { rawLevel } from './metric-levels.ts';
import type { MetricColumn, MetricKind } from './metric-tables.ts';
import { renderWeightedAverage, rollupColumns } from './render-metric-tables.ts';

/** A statement with its parameters. */
export interface SeriesQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Whose rows make one line of a chart: several refs for a container that was made anew. */
export interface LineRefs {
  readonly refs: readonly (string | number)[];
}

/**
 * Points of several lines: rows `line` (index in `lines`), `step` (index from `fromMs`), and for each column, by its index,
 * `min0`, `avg0`, `max0`. Steps of which nothing is known have no row.
 */
export function renderSeriesQuery(
  kind: MetricKind,
  columns: readonly MetricColumn[],
  lines: readonly LineRefs[],
  segments: readonly MetricSegment[],
  { fromMs, stepMs }: { readonly fromMs: number; readonly stepMs: number },
): SeriesQuery {
  const parameters: unknown[] = [
    lines.flatMap(({ refs }) => refs),
    lines.flatMap(({ refs }, line) => refs.map(() => line)),
    new Date(fromMs),
    stepMs,
  ];
  const parts = segments.map((segment) => {
    const from = parameters.push(new Date(segment.fromMs));
    const to = parameters.push(new Date(segment.toMs));
    return `select ${kind.ref} as ref, at, ${listPartColumns(columns, segment)}
      from ${kind.table}${segment.level.suffix}
      where ${kind.ref} = any($1::${kind.refType}[]) and at >= $${from} and at < $${to}`;
  });
  const values = columns.flatMap(({ column }, index) => [
    `min(${column}_min) as min${index}`,
    `${renderWeightedAverage(`${column}_avg`)} as avg${index}`,
    `max(${column}_max) as max${index}`,
  ]);
  const sql = `
    select line, round(extract(epoch from begins - $3::timestamptz) * 1000 / $4)::int as step, ${listResults(columns)}
    from (
      select l.line, date_bin($4 * interval '1 millisecond', p.at, $3::timestamptz) as begins, ${values.join(', ')}
      from (${parts.join(' union all ')}) as p
      join unnest($1::${kind.refType}[], $2::int[]) as l (ref, line) on l.ref = p.ref
      group by 1, 2
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

function listResults(columns: readonly MetricColumn[]): string {
  return columns.map((_column, index) => `min${index}, avg${index}, max${index}`).join(', ');
}
