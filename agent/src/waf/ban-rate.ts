const MINUTE_MS = 60_000;

/** How many bans any minute has room for: a sliding minute, so that two bursts at its ends are one. */
export class BanRate {
  readonly #max: number;
  /** When each of the last minute was taken, oldest first; at most `max`. */
  readonly #taken: number[] = [];
  #isFull = false;

  constructor(maxPerMinute: number) {
    this.#max = maxPerMinute;
  }

  /** @returns whether there is room for one more, which is then taken, and whether it has just run out */
  take(nowMs: number): [hasRoom: boolean, isNews: boolean] {
    while (this.#taken.length > 0 && (this.#taken[0] ?? 0) <= nowMs - MINUTE_MS) this.#taken.shift();
    if (this.#taken.length < this.#max) {
      this.#taken.push(nowMs);
      this.#isFull = false;
      return [true, false];
    }
    const isNews = !this.#isFull;
    this.#isFull = true;
    return [false, isNews];
  }
}
