import type { MetricValue } from '@flotilla/contracts';

/** Over a longer time a mean says nothing of a chart's point: the machine slept, or the agent did. */
const LONGEST_INTERVAL_MS = 600_000;

const WRAP = 2 ** 32;
/** A counter that jumped further has wrapped more than once, or not at all. */
const LARGEST_WRAPPED_INCREASE = 2 ** 31;

/** Time between two readings of a monotonic clock; null when no rate can be made of it. */
export function decideIntervalMs(previousMs: number, currentMs: number): number | null {
  const intervalMs = currentMs - previousMs;
  return intervalMs > 0 && intervalMs <= LONGEST_INTERVAL_MS ? intervalMs : null;
}

/** What a counter grew by. Null when it went backwards: it began anew, and nobody knows what it had missed. */
export function decideIncrease(previous: number, current: number): number | null {
  const increase = current - previous;
  return Number.isFinite(increase) && increase >= 0 ? increase : null;
}

/**
 * The same for a counter that may have 32 bits: all of a 32-bit kernel, and the milliseconds of `diskstats` everywhere.
 * A smaller number is a wrap only if a companion, which counts the same work in larger units (packets to bytes, requests to
 * sectors), went on: a counter that begins anew takes its companion along.
 */
export function decideWrappingIncrease(previous: number, current: number, hasCompanionGoneOn: boolean): number | null {
  if (current >= previous) return decideIncrease(previous, current);
  const increase = current + WRAP - previous;
  return hasCompanionGoneOn && previous < WRAP && increase < LARGEST_WRAPPED_INCREASE
    ? decideIncrease(0, increase)
    : null;
}

/** @param unit what one count is worth, for instance 512 bytes of a sector */
export function decideRatePerSecond(increase: number | null, intervalMs: number, unit = 1): MetricValue {
  return increase === null ? null : (increase * unit * 1000) / intervalMs;
}
