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
  /** The one that was seen last; most clients are seen by one node, at one service. */
  #newest: string | null = null;
  #newestSeen: Seen = { count: 0, seenAtMs: 0 };
  /** All others, the one seen longest ago first. */
  #others: Map<string, Seen> | null = null;

  constructor(capacity: number, windowMs: number) {
    this.#capacity = capacity;
    this.#windowMs = windowMs;
  }

  add(key: string, count: number, timeMs: number): void {
    if (key !== this.#newest) this.#makeNewest(key);
    const seen = this.#newestSeen;
    seen.count = seen.seenAtMs <= timeMs - this.#windowMs ? count : seen.count + count;
    seen.seenAtMs = timeMs;
  }

  /** Forgets what was not seen in the last `windowMs` before the time. */
  prune(timeMs: number): void {
    const earliestMs = timeMs - this.#windowMs;
    if (this.#others !== null) {
      for (const [key, { seenAtMs }] of this.#others) {
        if (seenAtMs > earliestMs) break;
        this.#others.delete(key);
      }
    }
    if (this.#newestSeen.seenAtMs <= earliestMs) this.#newest = null;
  }

  get size(): number {
    return (this.#others?.size ?? 0) + (this.#newest === null ? 0 : 1);
  }

  /** How many were seen at least so often. */
  countOf(least: number): number {
    let count = this.#newest !== null && this.#newestSeen.count >= least ? 1 : 0;
    for (const seen of this.#others?.values() ?? []) if (seen.count >= least) count += 1;
    return count;
  }

  /** The one seen most often; null when there is none. */
  mostSeen(): string | null {
    let most = this.#newest;
    let mostCount = most === null ? 0 : this.#newestSeen.count;
    for (const [key, { count }] of this.#others ?? []) {
      if (count <= mostCount) continue;
      most = key;
      mostCount = count;
    }
    return most;
  }

  #makeNewest(key: string): void {
    if (this.#newest !== null) {
      this.#others ??= new Map();
      this.#others.set(this.#newest, this.#newestSeen);
    }
    this.#newestSeen = this.#others?.get(key) ?? { count: 0, seenAtMs: 0 };
    this.#others?.delete(key);
    this.#newest = key;
    if (this.size > this.#capacity) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#others?.keys().next();
    if (oldest !== undefined && oldest.done !== true) this.#others?.delete(oldest.value);
  }
}
