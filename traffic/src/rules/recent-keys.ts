interface Seen {
  count: number;
  seenAtMs: number;
}

/**
 * Keys seen within a window, and how often each. Holds only as many as are needed, the newest: with n of them it can tell
 * whether there were n, since the n seen last are all within the window, or not.
 */
export class RecentKeys {
  readonly #windowMs: number;
  readonly #capacity: number;
  /** The one seen longest ago first. */
  readonly #seen = new Map<string, Seen>();

  #newest = '';

  constructor(capacity: number, windowMs: number) {
    this.#capacity = capacity;
    this.#windowMs = windowMs;
  }

  add(key: string, count: number, timeMs: number): void {
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      this.#seen.set(key, { count, seenAtMs: timeMs });
      this.#newest = key;
      if (this.#seen.size > this.#capacity) this.#dropOldest();
      return;
    }
    seen.count = seen.seenAtMs <= timeMs - this.#windowMs ? count : seen.count + count;
    seen.seenAtMs = timeMs;
    if (key === this.#newest) return;
    this.#seen.delete(key);
    this.#seen.set(key, seen);
    this.#newest = key;
  }

  /** Forgets what was not seen in the last `windowMs` before the time. */
  prune(timeMs: number): void {
    for (const [key, { seenAtMs }] of this.#seen) {
      if (seenAtMs > timeMs - this.#windowMs) return;
      this.#seen.delete(key);
    }
  }

  get size(): number {
    return this.#seen.size;
  }

  /** How many were seen at least so often. */
  countOf(least: number): number {
    let count = 0;
    for (const seen of this.#seen.values()) if (seen.count >= least) count += 1;
    return count;
  }

  /** The one seen most often; null when there is none. */
  mostSeen(): string | null {
    let most: { key: string; count: number } | null = null;
    for (const [key, { count }] of this.#seen) if (most === null || count > most.count) most = { key, count };
    return most?.key ?? null;
  }

  #dropOldest(): void {
    const oldest = this.#seen.keys().next();
    if (oldest.done !== true) this.#seen.delete(oldest.value);
  }
}
