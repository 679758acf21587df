/** One question to the Core for the time. */
export interface ClockMeasurement {
  /** The Core's clock less this process's own clock that nobody sets, milliseconds. */
  readonly differenceMs: number;
  /** Half the round trip: the truth is at most so far away, because the Core looked at its clock within it. */
  readonly uncertaintyMs: number;
}

/** Heartbeats remembered; at 2 s about half a minute, in which clocks drift apart by a millisecond or two. */
const MEASUREMENTS = 16;
/** What drift and rounding to milliseconds may add to a contradiction. */
const TOLERANCE_MS = 50;
/** A clock that is less wrong is taken for right: what is corrected by a few milliseconds only jitters. */
export const CORRECTED_FROM_MS = 1000;

/**
 * The measurements to remember, the newest last. Two that cannot both be true say that a clock was set, or that the host
 * slept: the older one is forgotten.
 */
export function chooseMeasurements(
  before: readonly ClockMeasurement[],
  newest: ClockMeasurement,
): readonly ClockMeasurement[] {
  const isPossible = ({ differenceMs, uncertaintyMs }: ClockMeasurement): boolean =>
    Math.abs(differenceMs - newest.differenceMs) <= uncertaintyMs + newest.uncertaintyMs + TOLERANCE_MS;
  return [...before.filter(isPossible).slice(1 - MEASUREMENTS), newest];
}

/** The one with the shortest round trip, of equals the newest; null of none. */
export function chooseBestMeasurement(measurements: readonly ClockMeasurement[]): ClockMeasurement | null {
  return measurements.reduce<ClockMeasurement | null>(
    (best, next) => (best === null || next.uncertaintyMs <= best.uncertaintyMs ? next : best),
    null,
  );
}

export interface MeasuredOffset {
  /** The Core's clock less the host's, now. */
  readonly measuredMs: number;
  readonly uncertaintyMs: number;
  /** The offset in use; null before the first. */
  readonly currentMs: number | null;
}

/** What to correct the host's clock by, whole milliseconds: 0, or an offset that changes only when it must. */
export function chooseClockOffset({ measuredMs, uncertaintyMs, currentMs }: MeasuredOffset): number {
  const isNews = currentMs === null || Math.abs(measuredMs - currentMs) > Math.max(uncertaintyMs, TOLERANCE_MS);
  if (!isNews) return currentMs;
  // Where it may as well be 0, it is.
  return Math.abs(measuredMs) < Math.max(CORRECTED_FROM_MS, uncertaintyMs) ? 0 : Math.round(measuredMs);
}
