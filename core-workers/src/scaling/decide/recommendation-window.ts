/** A number of replicas that was computed at a time. */
export interface TimedCount {
  readonly at: number;
  readonly count: number;
}

/**
 * A window over the last `windowMs` whose extreme is its first entry (a monotonic deque): what can never become the extreme, because
 * a newer entry is as extreme, is dropped. It has at most as many entries as there are different counts. An entry counts for
 * `windowMs` and not a millisecond more.
 *
 * @param prefers whether the first count is to be kept rather than the second: `>` for the highest, `<` for the lowest
 */
export function pushCount(
  window: readonly TimedCount[],
  entry: TimedCount,
  windowMs: number,
  prefers: (a: number, b: number) => boolean,
): readonly TimedCount[] {
  const kept = window.filter(({ at, count }) => entry.at - at < windowMs && prefers(count, entry.count));
  return [...kept, entry];
}

export const isHigher = (a: number, b: number): boolean => a > b;
export const isLower = (a: number, b: number): boolean => a < b;
