import type { ScalingLimit, ScalingLimitKind, ScalingPolicy, ScalingTarget } from '@flotilla/contracts';
import { assumeFigures, readMeasurement, type Measurement } from './measure-target.ts';

/** What one target asks for. */
export interface TargetOpinion {
  /** Null when it asks for nothing. */
  readonly desired: number | null;
  readonly isReadable: boolean;
  readonly limits: readonly ScalingLimit[];
}

/** No figure asks for more; keeps numbers in the range of whole numbers, whatever a node tells. */
const MOST_DESIRED = 1_000_000;
/** Figures such as 0.1 have no exact double; shares that small are no load. */
const PRECISION = 1e-9;

type Direction = 'up' | 'down';

/**
 * `ceil(ready × current ÷ target)` as the Kubernetes HPA computes it. Replicas without figures count as exactly on target on the way
 * down and as idle on the way up, those that are not ready as idle on the way up; where that turns the direction round, or comes
 * within the tolerance, nothing is asked for but what is there.
 * Source: kubernetes.io, Horizontal Pod Autoscaling, algorithm details; replica_calculator.go.
 */
export function decideValueTarget(
  target: Extract<ScalingTarget, { kind: 'value' }>,
  measurement: Measurement,
  current: number,
  { scaleUp, scaleDown }: Pick<ScalingPolicy, 'scaleUp' | 'scaleDown'>,
): TargetOpinion {
  const ratio = computeRatio(measurement, target.value);
  if (ratio === null) return { desired: null, isReadable: false, limits: [] };
  if (Math.abs(ratio - 1) <= PRECISION) return { desired: current, isReadable: true, limits: [] };

  const direction = ratio > 1 ? 'up' : 'down';
  const { missing, unready } = measurement;
  const withMissing = assumeFigures(measurement, missing, direction === 'up' ? 0 : target.value);
  const complete = direction === 'up' ? assumeFigures(withMissing, unready, 0) : withMissing;

  const limits: ScalingLimit[] = [];
  let desired = countFor(measurement, target.value, current, direction);
  const become = (kind: ScalingLimitKind, next: number): void => {
    if (next !== desired) limits.push({ kind, from: desired, to: next });
    desired = next;
  };
  become('missing_figures', countFor(withMissing, target.value, current, direction));
  become('unready', countFor(complete, target.value, current, direction));
  const finalRatio = computeRatio(complete, target.value) ?? 1;
  const isTolerated =
    finalRatio >= 1 - scaleDown.tolerance - PRECISION && finalRatio <= 1 + scaleUp.tolerance + PRECISION;
  if (isTolerated) become('tolerance', current);
  return { desired, isReadable: true, limits };
}

function computeRatio(measurement: Measurement, value: number): number | null {
  const current = readMeasurement(measurement);
  return current === null ? null : current / value;
}

/** Never against its direction: replicas that count as idle may turn the load round, and more may be ready than are asked for. */
function countFor(measurement: Measurement, value: number, current: number, direction: Direction): number {
  const ratio = computeRatio(measurement, value) ?? 1;
  if (direction === 'up' && ratio < 1) return current;
  const exact = Math.min(MOST_DESIRED, Math.max(0, ratio * measurement.known));
  const count = Math.max(0, Math.ceil(exact - Math.max(1, exact) * PRECISION));
  return direction === 'up' ? Math.max(current, count) : Math.min(current, count);
}
