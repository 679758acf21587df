export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait after a failure: doubled for each one in a row up to the bound. Between half and all of that, so that
 * nodes which failed together do not come back together.
 * @param failuresInARow from 1
 * @param random 0 (inclusive) to 1 (exclusive)
 */
export function chooseBackoffMs({ firstMs, longestMs }: BackoffBounds, failuresInARow: number, random: number): number {
  const waitMs = Math.min(longestMs, firstMs * 2 ** Math.min(failuresInARow - 1, 30));
  return Math.round(waitMs * (0.5 + random / 2));
}
