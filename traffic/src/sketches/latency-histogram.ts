import type { LatencyCounts } from '@flotilla/contracts';

/** Below it each millisecond has a bucket; above, each power of two has half as many: a bucket is at most 1/32 wide. */
const EXACT_BELOW_MS = 64;
const BUCKETS_PER_POWER = 32;
const EXACT_BITS = 6;
/** Longer ones (12 days) count as this. */
const LONGEST_MS = 2 ** 30 - 1;
const BUCKETS = bucketOf(LONGEST_MS) + 1;

/**
 * How often which latency occurred, for percentiles with a relative error of at most 1.6 %: buckets as HdrHistogram has them.
 * A fixed 6.6 kB (sums of months fit in a count), where a DDSketch of the same error holds as much and brings a library; the sum of two is that of their
 * buckets.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
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

  /** As it travels and is stored: the buckets that have any. */
  readCounts(): LatencyCounts {
    const counts: LatencyCounts = [];
    for (const [bucket, count] of this.#counts.entries()) if (count > 0) counts.push([bucket, count]);
    return counts;
  }

  /**
   * Adds what another one counted: the sum has the same error as each of them.
   * @throws RangeError for a bucket that there is not; nothing is added then
   */
  addCounts(counts: LatencyCounts): void {
    const unknown = counts.find(([bucket]) => bucket < 0 || bucket >= BUCKETS);
    if (unknown !== undefined) throw new RangeError(`a latency histogram has no bucket ${unknown[0]}`);
    for (const [bucket, count] of counts) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
      this.#count += count;
    }
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
