/** A count that forgets: what was added counts half after `halfLifeMs`, a quarter after twice that, and so on. */
export class DecayingCount {
  readonly #halfLifeMs: number;
  #value = 0;
  #atMs = 0;

  constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
  }

  add(count: number, timeMs: number): void {
    this.#value = this.at(timeMs) + count;
    this.#atMs = Math.max(this.#atMs, timeMs);
  }

  at(timeMs: number): number {
    const elapsedMs = timeMs - this.#atMs;
    return elapsedMs <= 0 ? this.#value : this.#value * 2 ** (-elapsedMs / this.#halfLifeMs);
  }
}
