/**
 * Sequences jump by this at each start of the agent: after a power loss the newest records may be missing on disk though
 * the bus has them, and a number given out twice would make the server drop a new message as a repeat. A run of the agent
 * never has so many records that the kernel has not written yet.
 */
export const RUN_GAP = 2 ** 20;

export interface DamageNeighbours {
  /** Sequence of the last whole record before the damage; null when it is not known. */
  readonly before: number | null;
  /** Of the first one after it, also in a later segment; null when there is none. */
  readonly after: number | null;
  /** What the bus has is not lost. */
  readonly acknowledgedThrough: number;
}

/**
 * How many messages damaged bytes stood for. At the end of a run that cannot be known: they count as one, which is right
 * for the record that a killed agent was writing.
 */
export function decideLost({ before, after, acknowledgedThrough }: DamageNeighbours): number {
  if (after !== null && after <= acknowledgedThrough + 1) return 0;
  if (before === null || after === null || after - before >= RUN_GAP) return 1;
  return Math.max(0, after - 1 - Math.max(before, acknowledgedThrough));
}
