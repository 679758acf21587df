export interface PeriodOptions {
  readonly intervalMs: number;
  /** Share of the wait by which it may be shorter, so that many processes do not act at one moment. */
  readonly jitter: number;
  /** Longest wait after failures. */
  readonly maxBackoffMs: number;
}

/**
 * How long to wait before the next run: the interval, doubled for each failure in a row up to the bound, less the jitter.
 * Never longer than that: whoever promises an interval keeps it.
 * @param random 0 (inclusive) to 1 (exclusive)
 */
export function choosePeriodMs(options: PeriodOptions, failuresInARow: number, random: number): number {
  const { intervalMs, jitter, maxBackoffMs } = options;
  // The bound never makes a failing loop faster than a working one.
  const longestMs = Math.max(intervalMs, maxBackoffMs);
  const waitMs = Math.min(longestMs, intervalMs * 2 ** Math.min(failuresInARow, 30));
  return Math.round(waitMs * (1 - jitter * random));
}
