const DAY_MS = 86_400_000;
/** The Core keeps points of load and replicas for so long. */
const KEPT_MS = 7 * DAY_MS;
/** It answers for so long at most. */
const LONGEST_MS = 31 * DAY_MS;

/** Times in milliseconds since the epoch. */
export interface HistorySpan {
  readonly from: number;
  readonly to: number;
}

/** What of a range is asked for: of a longer one its end, where the points are. */
export function chooseHistorySpan({ from, to }: HistorySpan): HistorySpan {
  return { from: Math.max(from, to - LONGEST_MS), to };
}

/** Whether a range reaches back to where no points are kept any more. */
export function isBeyondKept({ from }: HistorySpan, now: number): boolean {
  return from < now - KEPT_MS - DAY_MS / 2;
}
