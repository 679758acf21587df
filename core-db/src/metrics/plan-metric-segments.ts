import type { MetricResolution } from '@flotilla/contracts';
import { metricLevels, rawLevel, rollupLevels, type MetricLevel, type MetricRetention } from './metric-levels.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/**
 * Steps that people read without effort. Those of a minute or more are multiples of the coarsest rollup that is not longer,
 * so that no bucket lies in two steps.
 */
const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 3, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7].map((days) => days * DAY_MS),
];

/** What a chart asks for. */
export interface MetricRangeQuery {
  readonly from: Date;
  readonly to: Date;
  /** Milliseconds between points; at least that, when as many points would be too many. */
  readonly stepMs: number | 'auto';
  readonly maxPoints: number;
}

/** What the store has of the agents in question. */
export interface MetricStoreState {
  readonly now: Date;
  readonly retention: MetricRetention;
  /** Beginning of the oldest bucket whose rollup is behind; none for a level that is up to date. */
  readonly oldestDueMs: Readonly<Partial<Record<MetricResolution, number>>>;
}

/** Where to read the points of a time range: rows with `fromMs` ≤ at < `toMs`. */
export interface MetricSegment {
  readonly level: MetricLevel;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface MetricPlan {
  /** On the grid of steps since the epoch, around the range that was asked for. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly points: number;
  /** The coarsest level in use. */
  readonly resolution: MetricResolution;
  /** In the order of time, without overlap. A step may take its rows from two of them. */
  readonly segments: readonly MetricSegment[];
}

/**
 * Chooses step and sources of a time range. Most of it comes from the coarsest rollup that has a bucket for each step;
 * its end, which is not rolled up yet, from finer levels down to raw samples. A range that begins before a level's
 * retention takes the next coarser one, and steps as long.
 * @param finestStepMs step of `auto` in a short range: longer than the time between two samples, or a sample that comes a
 *   moment late would leave a gap
 * @throws RangeError when the range is empty
 */
export function planMetricSegments(
  { from, to, stepMs: askedStepMs, maxPoints }: MetricRangeQuery,
  state: MetricStoreState,
  finestStepMs: number,
): MetricPlan {
  const range = { fromMs: from.getTime(), toMs: to.getTime() };
  if (!(range.fromMs < range.toMs)) throw new RangeError('the range ends before it begins');
  const shortestMs = askedStepMs === 'auto' ? finestStepMs : askedStepMs;
  const level = chooseLevel(chooseStep(range, shortestMs, maxPoints), range.fromMs, state);
  const stepMs = chooseStep(range, Math.max(shortestMs, level.resolutionMs), maxPoints);
  const fromMs = floorTo(range.fromMs, stepMs);
  const toMs = ceilTo(range.toMs, stepMs);
  return {
    fromMs,
    toMs,
    stepMs,
    points: (toMs - fromMs) / stepMs,
    resolution: level.name,
    segments: listSegments(level, fromMs, toMs, state),
  };
}

/** The shortest step of the ladder that is long enough and gives few enough points; whole weeks beyond the ladder. */
function chooseStep(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  shortestMs: number,
  maxPoints: number,
): number {
  const fits = (stepMs: number): boolean =>
    stepMs >= shortestMs && (ceilTo(toMs, stepMs) - floorTo(fromMs, stepMs)) / stepMs <= maxPoints;
  const step = STEPS_MS.find(fits);
  if (step !== undefined) return step;
  // One step more than the range has may be needed for its two ends.
  const weeks = Math.max((toMs - fromMs) / Math.max(1, maxPoints - 1), shortestMs) / WEEK_MS;
  return Math.ceil(weeks) * WEEK_MS;
}

function chooseLevel(stepMs: number, fromMs: number, { now, retention }: MetricStoreState): MetricLevel {
  const fitting = metricLevels.findLastIndex(({ resolutionMs }) => resolutionMs <= stepMs);
  const kept = metricLevels.slice(fitting).find(({ name }) => fromMs >= now.getTime() - retention[name]);
  return kept ?? metricLevels.at(-1) ?? rawLevel;
}

function listSegments(level: MetricLevel, fromMs: number, toMs: number, state: MetricStoreState): MetricSegment[] {
  const upToDateMs = findUpToDate(state);
  const segments: MetricSegment[] = [];
  let beginMs = fromMs;
  for (const source of metricLevels.slice(0, metricLevels.indexOf(level) + 1).toReversed()) {
    const endMs = source === rawLevel ? toMs : Math.min(toMs, upToDateMs[source.name] ?? toMs);
    if (endMs <= beginMs) continue;
    segments.push({ level: source, fromMs: beginMs, toMs: endMs });
    beginMs = endMs;
  }
  return segments;
}

/** Until when each rollup has all that was stored; a coarser one is behind wherever a finer one is. */
function findUpToDate({ oldestDueMs }: MetricStoreState): Partial<Record<MetricResolution, number>> {
  const upToDateMs: Partial<Record<MetricResolution, number>> = {};
  let finerMs = Infinity;
  for (const { name, resolutionMs } of rollupLevels) {
    finerMs = floorTo(Math.min(finerMs, oldestDueMs[name] ?? Infinity), resolutionMs);
    upToDateMs[name] = finerMs;
  }
  return upToDateMs;
}

function floorTo(valueMs: number, stepMs: number): number {
  return Math.floor(valueMs / stepMs) * stepMs;
}

function ceilTo(valueMs: number, stepMs: number): number {
  return Math.ceil(valueMs / stepMs) * stepMs;
}
