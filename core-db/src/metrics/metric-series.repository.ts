import type { ContainerMetric, HostMetric, MetricResolution, MetricValue } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { LinePoints, type PointRow } from './line-points.ts';
import type { FoundContainer, FoundSeries } from './metric-subject.repository.ts';
import { metricKinds, type MetricKind } from './metric-tables.ts';
import { planMetricSegments, type MetricPlan, type MetricRangeQuery } from './plan-metric-segments.ts';
import { readStoreState } from './store-state.repository.ts';
import { renderSeriesQuery } from './render-series-query.ts';

/** Two samples of an agent, every 5 s; of a series that is polled every 15 s. */
const FINEST_STEP_MS = 10_000;
const FINEST_SERIES_STEP_MS = 30_000;

/** One line of a chart; its values stand at `times` of the answer, null where nothing is known. */
export interface MetricLine<Subject> {
  readonly subject: Subject;
  readonly metric: string;
  readonly min: readonly MetricValue[];
  readonly avg: readonly MetricValue[];
  readonly max: readonly MetricValue[];
}

export interface MetricLines<Subject> {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: number;
  readonly resolution: MetricResolution;
  /** Beginning of each step, milliseconds since the epoch. */
  readonly times: readonly number[];
  /** Of each subject, in their order, a line for each metric, in theirs. */
  readonly lines: readonly MetricLine<Subject>[];
}

/** Figures of hosts; the subjects are the agents' ids. @throws RangeError when the range ends before it begins */
export async function readHostSeries(
  db: DatabaseSession,
  agentIds: readonly string[],
  metrics: readonly HostMetric[],
  range: MetricRangeQuery,
): Promise<MetricLines<string>> {
  const lines = agentIds.map((agentId) => ({ subject: agentId, refs: [agentId] }));
  const plan = planMetricSegments(range, await readStoreState(db, 'metric_rollups_due', agentIds), FINEST_STEP_MS);
  return readLines(db, metricKinds.host, metrics, lines, plan);
}

/** Figures of containers. @throws RangeError when the range ends before it begins */
export async function readContainerSeries(
  db: DatabaseSession,
  containers: readonly FoundContainer[],
  metrics: readonly ContainerMetric[],
  range: MetricRangeQuery,
): Promise<MetricLines<FoundContainer>> {
  const lines = containers.map((container) => ({ subject: container, refs: container.refs }));
  const agentIds = containers.map(({ agentId }) => agentId);
  const plan = planMetricSegments(range, await readStoreState(db, 'metric_rollups_due', agentIds), FINEST_STEP_MS);
  return readLines(db, metricKinds.container, metrics, lines, plan);
}

/** Values of named series; the lines' `metric` is the series' name. @throws RangeError when the range ends before it begins */
export async function readNamedSeries(
  db: DatabaseSession,
  series: readonly FoundSeries[],
  range: MetricRangeQuery,
): Promise<MetricLines<FoundSeries>> {
  const lines = series.map((one) => ({ subject: one, refs: one.refs }));
  const agentIds = series.map(({ agentId }) => agentId);
  const plan = planMetricSegments(
    range,
    await readStoreState(db, 'metric_rollups_due', agentIds),
    FINEST_SERIES_STEP_MS,
  );
  const answer = await readLines(db, metricKinds.custom, ['value'], lines, plan);
  return { ...answer, lines: answer.lines.map((line) => ({ ...line, metric: line.subject.name })) };
}

/** A subject with the refs that its figures are stored under. */
interface SubjectRefs<Subject> {
  readonly subject: Subject;
  readonly refs: readonly (string | number)[];
}

async function readLines<Subject>(
  db: DatabaseSession,
  kind: MetricKind,
  metrics: readonly string[],
  subjects: readonly SubjectRefs<Subject>[],
  plan: MetricPlan,
): Promise<MetricLines<Subject>> {
  // By the contracts' list: no name of a caller ever becomes SQL.
  const columns = metrics.map((metric) => {
    const column = kind.columns.find((known) => known.metric === metric);
    if (column === undefined) throw new RangeError(`there is no figure ${metric}`);
    return column;
  });
  const lines = subjects.map(({ refs }) => ({ refs, points: columns.map(() => new LinePoints(plan.points)) }));
  const refs = [...new Set(subjects.flatMap((one) => one.refs))];
  if (refs.length > 0 && columns.length > 0) {
    const { sql, parameters } = renderSeriesQuery(kind, columns, refs, plan.segments, plan);
    const linesOf = new Map(refs.map((ref) => [ref, lines.filter((line) => line.refs.includes(ref))]));
    for (const row of await queryRows<PointRow>(db, sql, parameters)) {
      for (const { points } of linesOf.get(row.ref) ?? []) points.forEach((one, column) => one.add(row, column));
    }
  }
  return {
    from: new Date(plan.fromMs),
    to: new Date(plan.toMs),
    stepMs: plan.stepMs,
    resolution: plan.resolution,
    times: Array.from({ length: plan.points }, (_, index) => plan.fromMs + index * plan.stepMs),
    lines: subjects.flatMap(({ subject }, index) =>
      metrics.map((metric, column) => {
        const { min, avg, max } = lines[index]?.points[column] ?? new LinePoints(plan.points);
        return { subject, metric, min, avg, max };
      }),
    ),
  };
}
