import { BucketTable } from './bucket-table.ts';
import { LIMITER_DEFAULTS, type RequestLimit } from './request-limiter.ts';

/** More than a person with a browser sends: a page with all its parts at once, then the next one. */
export const FAST_CLIENT: RequestLimit = { requestsPerSecond: 2, burst: 120 };

/**
 * Which clients send so many requests to one node, whatever services they are for, that the Core is to hear of it
 * (suspicion class `rate`). Many do, and nothing happens to them: rules add up what several nodes tell.
 */
export class VolumeWatch {
  readonly #table: BucketTable;

  /** @param seed a random number that strangers do not know */
  constructor(seed: number, buckets: number = LIMITER_DEFAULTS.buckets) {
    this.#table = new BucketTable(buckets, seed);
  }

  /** @param clientHigh,clientLow as `clientHigh` and `clientLow` give them */
  isFast(clientHigh: number, clientLow: number, timeMs: number): boolean {
    const { requestsPerSecond, burst } = FAST_CLIENT;
    return this.#table.take(clientHigh, clientLow, 0, timeMs, 1000 / requestsPerSecond, burst) !== -1;
  }
}
