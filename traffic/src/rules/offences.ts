import type { RuleEscalation } from '@flotilla/contracts';
import { BoundedMap } from './bounded-map.ts';

/** Keys that are remembered, by default. */
const MAX_REMEMBERED = 50_000;

interface Offence {
  /** Which one it was: 1 for the first. */
  readonly count: number;
  readonly atMs: number;
}

/** How often somebody was banned for the same, as long as it is remembered. */
export class Offences {
  readonly #offences: BoundedMap<string, Offence>;

  constructor(capacity: number = MAX_REMEMBERED) {
    this.#offences = new BoundedMap(capacity);
  }

  /** The number that an offence now would have: 1 for the first. */
  next(key: string, timeMs: number, escalation: RuleEscalation | null): number {
    const last = this.#offences.get(key);
    if (last === undefined || escalation === null || timeMs - last.atMs > escalation.memoryMs) return 1;
    return last.count + 1;
  }

  /** The newest; null when none is remembered. */
  last(key: string): Offence | null {
    return this.#offences.get(key) ?? null;
  }

  note(key: string, count: number, timeMs: number): void {
    this.#offences.set(key, { count, atMs: timeMs });
  }
}

/**
 * How long the ban for an offence is.
 * @param offence 1 for the first
 */
export function escalate(durationMs: number, offence: number, escalation: RuleEscalation | null): number {
  if (escalation === null) return durationMs;
  // The power alone may be beyond every number, but never less than the most that is allowed.
  return Math.min(Math.round(durationMs * escalation.factor ** (offence - 1)), escalation.maxDurationMs);
}
