/** Clients that are counted at once, in each of two spans. */
const MAX_CLIENTS = 50_000;

type Counts = Map<number, Map<number, number>>;

/**
 * How many requests each client sent lately, told or not: who is suspicious for the first time is told with what it did before.
 * Clients are two words (`clientHigh`, `clientLow`), so that nothing is made for a line.
 */
export class ClientCounts {
  readonly #spanMs: number;
  #current: Counts = new Map();
  #before: Counts = new Map();
  #size = 0;
  #endsAtMs = 0;

  /** @param spanMs so long a request is remembered at least, unless there are too many clients, and twice as long at most */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** @returns whether the client was not there in this span */
  note(high: number, low: number, timeMs: number): boolean {
    if (timeMs >= this.#endsAtMs || this.#size >= MAX_CLIENTS) this.#turn(timeMs);
    let lows = this.#current.get(high);
    if (lows === undefined) {
      lows = new Map();
      this.#current.set(high, lows);
    }
    const known = lows.get(low);
    lows.set(low, (known ?? 0) + 1);
    if (known !== undefined) return false;
    this.#size += 1;
    return true;
  }

  /** What was not taken yet of a client's requests. */
  take(high: number, low: number): number {
    let sum = 0;
    for (const counts of [this.#current, this.#before]) {
      const lows = counts.get(high);
      const count = lows?.get(low);
      if (lows === undefined || count === undefined) continue;
      sum += count;
      lows.set(low, 0);
    }
    return sum;
  }

  #turn(timeMs: number): void {
    this.#before = this.#current;
    this.#current = new Map();
    this.#size = 0;
    this.#endsAtMs = timeMs + this.#spanMs;
  }
}
