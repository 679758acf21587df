import type { TopList } from '@flotilla/contracts';

/**
 * The keys that come most often, in bounded memory: Space-Saving, with the counters in a heap so that the rarest is at hand.
 * A key's count is never too low, and too high by at most its error, which is at most the total over the capacity; a key that
 * comes more often than that is always there. Keys are known by a hash of 32 bits, so that nothing is made for one that is there: two
 * that have the same are counted as one, which happens to one key of a list in forty million.
 */
export class HeavyHitters {
  readonly #slots = new Map<number, number>();
  /** A heap by count, the lowest first. All four say of the same slot: hash, key, count, error. */
  readonly #hashes: Int32Array;
  readonly #keys: string[] = [];
  readonly #counts: Float64Array;
  readonly #errors: Float64Array;
  readonly #capacity: number;
  #total = 0;

  /** @param capacity keys that are counted at once, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#hashes = new Int32Array(capacity);
    this.#counts = new Float64Array(capacity);
    this.#errors = new Float64Array(capacity);
  }

  /**
   * Counts a key.
   * @param hash of the key, 32 bits
   * @returns whether it was not there: then `name` must be told its text before anything else
   */
  add(hash: number): boolean {
    this.#total += 1;
    const known = this.#slots.get(hash);
    if (known !== undefined) {
      this.#raise(known);
      return false;
    }
    if (this.#keys.length < this.#capacity) this.#open(hash);
    else this.#replaceRarest(hash);
    return true;
  }

  /** @param key what the hash is of that was just added */
  name(hash: number, key: string): void {
    const slot = this.#slots.get(hash);
    if (slot !== undefined) this.#keys[slot] = key;
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

  #replaceRarest(hash: number): void {
    this.#slots.delete(this.#hashes[0] ?? 0);
    this.#hashes[0] = hash;
    this.#slots.set(hash, 0);
    this.#errors[0] = this.#countAt(0);
    this.#raise(0);
  }

  #open(hash: number): void {
    let slot = this.#keys.length;
    this.#keys.push('');
    this.#hashes[slot] = hash;
    this.#slots.set(hash, slot);
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
    const keyA = this.#keys[a] ?? '';
    const hashA = this.#hashes[a] ?? 0;
    const hashB = this.#hashes[b] ?? 0;
    const countA = this.#countAt(a);
    const errorA = this.#errors[a] ?? 0;
    this.#keys[a] = this.#keys[b] ?? '';
    this.#keys[b] = keyA;
    this.#hashes[a] = hashB;
    this.#hashes[b] = hashA;
    this.#counts[a] = this.#countAt(b);
    this.#errors[a] = this.#errors[b] ?? 0;
    this.#counts[b] = countA;
    this.#errors[b] = errorA;
    this.#slots.set(hashA, b);
    this.#slots.set(hashB, a);
  }
}
