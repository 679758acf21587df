import type { ScalingTarget } from '@flotilla/contracts';
import type { TargetOpinion } from './decide-value-target.ts';
import { assumeFigures, readMeasurement, type Measurement } from './measure-target.ts';
import type { ThresholdBreach } from './scaling-state.ts';

export interface ThresholdOpinion extends TargetOpinion {
  readonly breach: ThresholdBreach | null;
}

/**
 * More replicas once the load has been above a value for its whole time, fewer once it has been below. The span is of event time,
 * from the first sample that breached to the newest, and a gap longer than `gapMs` ends it: nobody knows what was in between.
 * Replicas without figures count as with any other target.
 */
export function decideThresholdTarget(
  target: Extract<ScalingTarget, { kind: 'threshold' }>,
  measurement: Measurement,
  { current, before, gapMs }: { current: number; before: ThresholdBreach | null; gapMs: number },
  now: number,
): ThresholdOpinion {
  const { comparison, forMs, change } = target;
  if (measurement.known === 0) return { desired: null, isReadable: false, limits: [], breach: before };
  if (!isBreached(target, measurement)) return { desired: null, isReadable: true, limits: [], breach: null };

  const goesOn = before !== null && now - before.seenAt <= gapMs;
  const breach = { comparison, since: goesOn ? before.since : now, seenAt: now };
  if (now - breach.since < forMs) return { desired: null, isReadable: true, limits: [], breach };
  const by = change.unit === 'replicas' ? change.by : Math.max(1, Math.ceil((current * change.by) / 100));
  const desired = comparison === 'above' ? current + by : Math.max(0, current - by);
  return { desired, isReadable: true, limits: [], breach };
}

function isBreached(
  { comparison, value }: Extract<ScalingTarget, { kind: 'threshold' }>,
  measurement: Measurement,
): boolean {
  const { missing, unready } = measurement;
  const complete =
    comparison === 'above'
      ? assumeFigures(measurement, missing + unready, 0)
      : assumeFigures(measurement, missing, value);
  const current = readMeasurement(complete);
  return current !== null && (comparison === 'above' ? current > value : current < value);
}
