const ALL_HASHES = 2 ** 32;
/** Beyond so many they are sampled: an error of about 8 %, and memory that does not grow. */
const MAX_EXACT = 256;
const LEAST_SAMPLED = MAX_EXACT / 4;

/**
 * How many distinct things were seen within a window, by their hashes. Up to 256 exactly; of more, only those are kept whose hash is below a
 * limit, and the limit says which share of all they are (adaptive sampling, after Wegman).
 */
export class DistinctHashes {
  readonly #windowMs: number;
  readonly #capacity: number;
  readonly #isSampling: boolean;
  /** When each was seen last, the longest ago first. */
  readonly #seenAt = new Map<number, number>();
  #newest = -1;
  #limit = ALL_HASHES - 1;
  #limitSetAtMs = 0;

  /** @param needed as many as are to be told apart from fewer */
  constructor(needed: number, windowMs: number) {
    this.#windowMs = windowMs;
    this.#isSampling = needed > MAX_EXACT;
    this.#capacity = Math.min(Math.max(needed, 20), MAX_EXACT);
  }

  add(hash: number, timeMs: number): void {
    if (hash > this.#limit) return;
    if (hash !== this.#newest) this.#seenAt.delete(hash);
    this.#seenAt.set(hash, timeMs);
    this.#newest = hash;
    if (this.#seenAt.size <= this.#capacity) return;
    if (this.#isSampling) this.#lowerLimit(Math.floor(this.#limit / 2), timeMs);
    else this.#dropOldest();
  }

  /** Adds the smallest hashes of a set that is larger than they are. */
  addSketch(hashes: readonly number[], timeMs: number): void {
    if (hashes.length === 0) return;
    const largest = hashes.reduce((most, hash) => Math.max(most, hash), 0);
    if (this.#isSampling && largest < this.#limit) this.#lowerLimit(largest, timeMs);
    for (const hash of hashes) this.add(hash, timeMs);
  }

  /** Those of the last `windowMs` before the time. */
  count(timeMs: number): number {
    for (const [hash, seenAt] of this.#seenAt) {
      if (seenAt > timeMs - this.#windowMs) break;
      this.#seenAt.delete(hash);
    }
    const { size } = this.#seenAt;
    if (this.#limit === ALL_HASHES - 1) return size;
    const estimate = Math.round((size * ALL_HASHES) / (this.#limit + 1));
    // Too few to tell: take more of those to come. For one window the count is then too low, never too high.
    if (size < LEAST_SAMPLED && timeMs - this.#limitSetAtMs > this.#windowMs) {
      this.#limit = Math.min(this.#limit * 2 + 1, ALL_HASHES - 1);
      this.#limitSetAtMs = timeMs;
    }
    return estimate;
  }

  #lowerLimit(limit: number, timeMs: number): void {
    this.#limit = limit;
    this.#limitSetAtMs = timeMs;
    for (const hash of this.#seenAt.keys()) if (hash > limit) this.#seenAt.delete(hash);
  }

  #dropOldest(): void {
    const oldest = this.#seenAt.keys().next();
    if (oldest.done !== true) this.#seenAt.delete(oldest.value);
  }
}
