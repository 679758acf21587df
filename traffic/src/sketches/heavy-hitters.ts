import type { TopList } from '@flotilla/contracts';

/**
 * The keys that come most often, in bounded memory: Space-Saving, with the counters in a heap so that the rarest is at hand.
 * A key's count is never too low, and too high by at most its error, which is at most the total over the capacity; a key that
 * comes more often than that is always there.
 */
export class HeavyHitters {
  readonly #slots = new Map<string, number>();
  /** A heap by count, the lowest first. The three say of the same slot: key, count, error. */
  readonly #keys: string[] = [];
  readonly #counts: Float64Array;
  readonly #errors: Float64Array;
  readonly #capacity: number;
  #total = 0;

  /** @param capacity keys that are counted at once, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#counts = new Float64Array(capacity);
    this.#errors = new Float64Array(capacity);
  }

  add(key: string): void {
    this.#total += 1;
    const known = this.#slots.get(key);
    if (known !== undefined) return this.#raise(known);
    if (this.#keys.length < this.#capacity) return this.#open(key);
    this.#slots.delete(this.#keys[0] ?? '');
    this.#keys[0] = key;
    this.#slots.set(key, 0);
    this.#errors[0] = this.#countAt(0);
    this.#raise(0);
  }

  /** @param limit entries at most, the most frequent first */
  readTop(limit: number): TopList {
    const order = this.#keys.map((_, slot) => slot).toSorted((a, b) => this.#countAt(b) - this.#countAt(a));
    const first = order.slice(0, limit);
    const firstLeftOut = order[limit];
    const isFull = this.#keys.length === this.#capacity;
    const lowest = isFull ? this.#countAt(0) : 0;
    return {
      entries: first.map((slot) => ({
        key: this.#keys[slot] ?? '',
        count: this.#countAt(slot),
        error: this.#errors[slot] ?? 0,
      })),
      total: this.#total,
      othersAtMost: firstLeftOut === undefined ? lowest : this.#countAt(firstLeftOut),
    };
  }

  clear(): void {
    this.#slots.clear();
    this.#keys.length = 0;
    this.#total = 0;
  }

  #countAt(slot: number): number {
    return this.#counts[slot] ?? 0;
  }

  #open(key: string): void {
    let slot = this.#keys.length;
    this.#keys.push(key);
    this.#slots.set(key, slot);
    this.#counts[slot] = 1;
    this.#errors[slot] = 0;
    // One is the lowest count there is: up to the top, unless ones are there already.
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (this.#countAt(parent) <= 1) return;
      this.#swap(slot, parent);
      slot = parent;
    }
  }

  #raise(start: number): void {
    let slot = start;
    this.#counts[slot] = this.#countAt(slot) + 1;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= this.#keys.length) return;
      if (child + 1 < this.#keys.length && this.#countAt(child + 1) < this.#countAt(child)) child += 1;
      if (this.#countAt(child) >= this.#countAt(slot)) return;
      this.#swap(slot, child);
      slot = child;
    }
  }

  #swap(a: number, b: number): void {
    const [keyA, keyB] = [this.#keys[a] ?? '', this.#keys[b] ?? ''];
    const [countA, errorA] = [this.#countAt(a), this.#errors[a] ?? 0];
    this.#keys[a] = keyB;
    this.#keys[b] = keyA;
    this.#counts[a] = this.#countAt(b);
    this.#errors[a] = this.#errors[b] ?? 0;
    this.#counts[b] = countA;
    this.#errors[b] = errorA;
    this.#slots.set(keyA, b);
    this.#slots.set(keyB, a);
  }
}
