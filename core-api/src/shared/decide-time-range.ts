import { MAX_METRIC_POINTS, metricRanges, type FieldProblem, type MetricRange } from '@flotilla/contracts';

/** Time range of a request: `range` up to now, or `from` with or without `to`. Times in ISO 8601. */
export interface TimeRangeQuery {
  readonly range?: MetricRange | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step: 'auto' | number;
}

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: 'auto' | number;
}

export type TimeRangeDecision =
  { readonly ok: true; readonly range: TimeRange } | { readonly ok: false; readonly problem: FieldProblem };

const DEFAULT_RANGE: MetricRange = '1h';
const DAY_MS = 86_400_000;
/** Two years, of which one may be a leap year. */
const LONGEST_MS = 731 * DAY_MS;

/** Makes a request's words a time range, or says which field makes no sense and what to send instead. */
export function decideTimeRange({ range, from, to, step }: TimeRangeQuery, now: Date): TimeRangeDecision {
  if (range !== undefined && (from !== undefined || to !== undefined)) {
    return refuse('range', 'cannot go with from and to; send either a range or from and to');
  }
  if (from === undefined && to !== undefined) return refuse('from', 'is missing; to needs a from');
  const end = to === undefined ? now : new Date(to);
  const begin = from === undefined ? new Date(now.getTime() - metricRanges[range ?? DEFAULT_RANGE]) : new Date(from);
  if (begin.getTime() >= now.getTime()) return refuse('from', 'is in the future');
  if (begin.getTime() >= end.getTime()) return refuse('to', 'is not after from');
  const lengthMs = end.getTime() - begin.getTime();
  if (lengthMs > LONGEST_MS) return refuse('from', 'is more than two years before to');
  // A step more than the range has, because steps begin at round times.
  const shortestStepMs = Math.ceil(lengthMs / (MAX_METRIC_POINTS - 1));
  if (step !== 'auto' && step < shortestStepMs) {
    return refuse('step', `gives more than ${MAX_METRIC_POINTS} points; send auto, or at least ${shortestStepMs}`);
  }
  return { ok: true, range: { from: begin, to: end, stepMs: step } };
}

function refuse(field: string, message: string): TimeRangeDecision {
  return { ok: false, problem: { field, message } };
}
