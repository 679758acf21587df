/** Below it each millisecond has a bucket; above, each power of two has half as many: a bucket is at most 1/32 wide. */
const EXACT_BELOW_MS = 64;
const BUCKETS_PER_POWER = 32;
const EXACT_BITS = 6;
/** Longer ones (12 days) count as this. */
const LONGEST_MS = 2 ** 30 - 1;
const BUCKETS = bucketOf(LONGEST_MS) + 1;

/**
 * How often which latency occurred, for percentiles with a relative error of at most 1.6 %: buckets as HdrHistogram has them.
 * A fixed 3.3 kB, where a DDSketch of the same error holds as much and brings a library; the sum of two is that of their
 * buckets.
 */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  /** @param latencyMs whole milliseconds, not negative */
  add(latencyMs: number): void {
    const bucket = bucketOf(Math.min(latencyMs, LONGEST_MS));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
  }

  /**
   * The latency that so many stay within.
   * @param quantile 0 to 1
   * @returns milliseconds, the middle of the bucket; null without any
   */
  readQuantile(quantile: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(quantile * this.#count));
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => (seen += count) >= rank);
    return middleOf(bucket);
  }

  clear(): void {
    if (this.#count > 0) this.#counts.fill(0);
    this.#count = 0;
  }
}

function bucketOf(latencyMs: number): number {
  if (latencyMs < EXACT_BELOW_MS) return latencyMs;
  const shift = 32 - Math.clz32(latencyMs) - EXACT_BITS;
  return shift * BUCKETS_PER_POWER + (latencyMs >>> shift);
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW_MS) return bucket;
  const shift = Math.floor(bucket / BUCKETS_PER_POWER) - 1;
  const lowest = (bucket - shift * BUCKETS_PER_POWER) * 2 ** shift;
  return lowest + (2 ** shift - 1) / 2;
}
