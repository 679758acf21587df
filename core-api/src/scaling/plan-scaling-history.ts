import { MAX_SCALING_POINTS, type ScalingMetric, type TargetReading } from '@flotilla/contracts';

/** A point is stored so often at most. */
const FINEST_STEP_MS = 15_000;
/** The next point comes with the first sample after that, so that a step may be without one though nothing is missing. */
const POINT_HOLDS_MS = 25_000;
/** Lines of policies that were changed often within the range: the newest. */
const MAX_LINES = 20;

/** A stored point, in a step of the grid. */
export interface HistoryPoint {
  readonly at: Date;
  readonly wanted: number;
  readonly ready: number | null;
  readonly targets: readonly TargetReading[];
}

export interface HistoryGrid {
  readonly from: Date;
  readonly to: Date;
}

interface TargetLine {
  readonly metric: ScalingMetric;
  readonly target: number;
  readonly values: (number | null)[];
}

/** How far apart the grid's points are, in milliseconds. */
export function chooseHistoryStep({ from, to }: HistoryGrid): number {
  const even = Math.ceil((to.getTime() - from.getTime()) / MAX_SCALING_POINTS);
  return Math.max(FINEST_STEP_MS, even);
}

/** Puts points, oldest first and at most one in each step, onto the grid; null stands where there is none. */
export function planScalingHistory(points: readonly HistoryPoint[], grid: HistoryGrid, stepMs: number) {
  const begin = grid.from.getTime();
  const length = Math.min(MAX_SCALING_POINTS, Math.ceil((grid.to.getTime() - begin) / stepMs));
  const empty = (): (number | null)[] => Array.from({ length }, () => null);
  const [wanted, ready] = [empty(), empty()];
  const lines = new Map<string, TargetLine>();
  for (const [index, point] of listSteps(points, begin, stepMs, length)) {
    wanted[index] = point.wanted;
    ready[index] = point.ready;
    for (const { metric, kind, target, current } of point.targets) {
      const key = JSON.stringify([metric.kind, metric.kind === 'custom' ? metric.name : null, kind, target]);
      const line = lines.get(key) ?? { metric, target, values: empty() };
      line.values[index] = current;
      // Newest last, so that the newest are kept.
      lines.delete(key);
      lines.set(key, line);
    }
  }
  return {
    times: Array.from({ length }, (_, index) => begin + index * stepMs),
    wanted,
    ready,
    targets: [...lines.values()].slice(-MAX_LINES),
  };
}

/** The steps that something is known of, in order. */
function listSteps(points: readonly HistoryPoint[], begin: number, stepMs: number, length: number) {
  const byStep = new Map(points.map((point) => [Math.floor((point.at.getTime() - begin) / stepMs), point]));
  const steps: [index: number, point: HistoryPoint][] = [];
  let last: HistoryPoint | undefined;
  for (let index = 0; index < length; index += 1) {
    const point = byStep.get(index);
    last = point ?? last;
    const isHeld = last !== undefined && begin + index * stepMs - last.at.getTime() < POINT_HOLDS_MS;
    if (last !== undefined && (point !== undefined || isHeld)) steps.push([index, last]);
  }
  return steps;
}
