import { choosePeriodMs } from '../periodic/choose-period.ts';

const FIRST_WAIT_MS = 250;
const JITTER = 0.3;

/** Waits between attempts to reach the bus: 250 ms, doubled after each failure up to a bound, jittered. */
export class ReconnectBackoff {
  readonly #maxBackoffMs: number;
  #attempts = 0;
  #waitMs = FIRST_WAIT_MS;

  constructor(maxBackoffMs: number) {
    this.#maxBackoffMs = maxBackoffMs;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The same between two attempts: the client asks several times while it waits. */
  get waitMs(): number {
    return this.#waitMs;
  }

  recordAttempt(): void {
    const options = { intervalMs: FIRST_WAIT_MS, jitter: JITTER, maxBackoffMs: this.#maxBackoffMs };
    this.#waitMs = choosePeriodMs(options, this.#attempts, Math.random());
    this.#attempts += 1;
  }

  reset(): void {
    this.#attempts = 0;
    this.#waitMs = FIRST_WAIT_MS;
  }
}
