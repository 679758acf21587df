import type { Request } from 'express';
import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
import { TooManyRequests } from './problems.ts';

/** Addresses of one IPv6 customer are counted together (RFC 6177: a site gets a /56 or so). */
const IPV6_PREFIX_LENGTH = 56;

export interface RateLimitOptions {
  /** What is counted, as a plural for the answer: `sign-in attempts`. */
  readonly what: string;
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * At most `limit` a key in a window that starts with the key's first request. Counts in this process's memory: n
 * processes let n times as many through, which still bounds guessing, and no request waits for a shared store.
 */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #store = new MemoryStore();

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#store.init({ windowMs: options.windowMs } as Options);
  }

  /** Counts one. Throws TooManyRequests when the key has used its window up. */
  async take(key: string): Promise<void> {
    const { totalHits, resetTime } = await this.#store.increment(key);
    if (totalHits <= this.#options.limit) return;
    const waitMs = (resetTime?.getTime() ?? Date.now() + this.#options.windowMs) - Date.now();
    const waitSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new TooManyRequests(`Too many ${this.#options.what}; try again in ${waitSeconds} s.`, waitSeconds);
  }

  /** Takes one back, for what turned out well. */
  async giveBack(key: string): Promise<void> {
    await this.#store.decrement(key);
  }

  /** Ends the store's timer. */
  close(): void {
    this.#store.shutdown();
  }
}

/** The caller's address as a key for `RateLimit.take`. */
export function addressKey(request: Request): string {
  return ipKeyGenerator(request.ip ?? 'unknown', IPV6_PREFIX_LENGTH);
}
