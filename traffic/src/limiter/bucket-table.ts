/** Buckets that a key may lie in; of these one gives way when all are taken. */
const WAYS = 8;
const NONE = -1;
/** Lines of several processes come so much out of order; what comes later still says nothing about now. */
const LATE_MS = 1000;
/** When all lines are late for so long, by their own times, the clock was set back. */
const SET_BACK_MS = 5000;

/**
 * Token buckets by client and service in typed arrays: as many as there are, never more, and nothing to collect. A bucket is
 * the time at which it will be full again (the generic cell rate algorithm's theoretical arrival time, ITU-T I.371). When
 * there is no room, the bucket gives way that is full soonest, so a client that sends much stays however many come that send
 * little: a bucket that is full again says the same as none at all.
 *
 * To a bucket, a clock that is set back would look like a client that had taken everything in advance. So what comes late takes no
 * token, and when only such comes, everything begins anew.
 */
export class BucketTable {
  readonly #sets: number;
  readonly #seed: number;
  /** Of a slot, whose it is. A slot that nobody has was full at the beginning of time. */
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;
  readonly #services: Uint32Array;
  readonly #fullAtMs: Float64Array;
  /** Since when it has not been full, and what was taken since. */
  readonly #sinceMs: Float64Array;
  readonly #taken: Uint32Array;
  readonly #mutedUntilMs: Float64Array;
  #latestMs = -Infinity;
  /** Time of the first late request, when no other came since. */
  #lateSinceMs: number | null = null;

  /**
   * @param capacity buckets, rounded up to a power of 2
   * @param seed unknown to strangers, so that none can choose addresses that push each other out
   */
  constructor(capacity: number, seed: number) {
    this.#sets = 2 ** Math.ceil(Math.log2(Math.max(capacity, WAYS) / WAYS));
    this.#seed = seed | 0;
    const slots = this.#sets * WAYS;
    this.#highs = new Uint32Array(slots);
    this.#lows = new Uint32Array(slots);
    this.#services = new Uint32Array(slots);
    this.#fullAtMs = new Float64Array(slots);
    this.#sinceMs = new Float64Array(slots);
    this.#taken = new Uint32Array(slots);
    this.#mutedUntilMs = new Float64Array(slots);
  }

  get memoryBytes(): number {
    return this.#sets * WAYS * (3 * 4 + 8 + 8 + 4 + 8);
  }

  /**
   * Takes a token for a request.
   * @param intervalMs in which one token comes back
   * @param burst tokens of a full bucket
   * @returns the slot, when there was no token left; -1 when there was
   */
  take(high: number, low: number, service: number, timeMs: number, intervalMs: number, burst: number): number {
    if (timeMs < this.#latestMs - LATE_MS && this.#isLate(timeMs)) return NONE;
    if (timeMs > this.#latestMs) this.#latestMs = timeMs;
    this.#lateSinceMs = null;
    const slot = this.#findSlot(high, low, service);
    const fullAtMs = this.#fullAtMs[slot] ?? 0;
    if (fullAtMs <= timeMs) {
      this.#sinceMs[slot] = timeMs;
      this.#taken[slot] = 0;
    }
    this.#taken[slot] = (this.#taken[slot] ?? 0) + 1;
    const nextMs = Math.max(fullAtMs, timeMs) + intervalMs;
    // By the latest time there is: of two requests in the wrong order, the first one is not ahead of its time.
    const isOver = nextMs - this.#latestMs > burst * intervalMs;
    // An empty bucket is not emptier for what was refused.
    if (!isOver) this.#fullAtMs[slot] = nextMs;
    return isOver && timeMs >= (this.#mutedUntilMs[slot] ?? 0) ? slot : NONE;
  }

  /** Says nothing more about a slot until then, as long as it stays its client's. */
  mute(slot: number, untilMs: number): void {
    this.#mutedUntilMs[slot] = untilMs;
  }

  /** Since the bucket was full for the last time; a burst shorter than a second counts as one. */
  requestsPerSecond(slot: number, timeMs: number): number {
    const spanMs = Math.max(1000, timeMs - (this.#sinceMs[slot] ?? timeMs));
    return ((this.#taken[slot] ?? 0) * 1000) / spanMs;
  }

  /** @returns false when the clock was set back, and everything has begun anew */
  #isLate(timeMs: number): boolean {
    this.#lateSinceMs ??= timeMs;
    if (timeMs - this.#lateSinceMs < SET_BACK_MS) return true;
    this.#fullAtMs.fill(0);
    this.#mutedUntilMs.fill(0);
    this.#latestMs = timeMs;
    return false;
  }

  #findSlot(high: number, low: number, service: number): number {
    const first = (this.#hash(high, low, service) & (this.#sets - 1)) * WAYS;
    let soonest = first;
    for (let slot = first; slot < first + WAYS; slot += 1) {
      if (this.#lows[slot] === low && this.#highs[slot] === high && this.#services[slot] === service) return slot;
      if ((this.#fullAtMs[slot] ?? 0) < (this.#fullAtMs[soonest] ?? 0)) soonest = slot;
    }
    this.#highs[soonest] = high;
    this.#lows[soonest] = low;
    this.#services[soonest] = service;
    this.#fullAtMs[soonest] = 0;
    this.#mutedUntilMs[soonest] = 0;
    return soonest;
  }

  #hash(high: number, low: number, service: number): number {
    let hash = Math.imul(this.#seed ^ low, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ high, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 13) ^ service, 0xc2b2ae3d);
    return hash ^ (hash >>> 16);
  }
}
