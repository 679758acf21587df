import { hash, verify, type Options } from '@node-rs/argon2';
import { Unavailable } from '../http/index.ts';

/** Argon2id (the library's default algorithm) with OWASP's second set of parameters: 19 MiB, 2 passes, 1 lane. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const RETRY_AFTER_SECONDS = 2;

export interface PasswordHasherOptions {
  /** Hashes that run at once: each takes 19 MiB and a thread of libuv's pool of four, which file I/O also needs. */
  readonly concurrency: number;
  /** Further ones that may wait; more are refused with 503. */
  readonly maxWaiting: number;
}

/** Hashes passwords with argon2id, a bounded number at once, so that a flood of sign-ins cannot take all memory. */
export class PasswordHasher {
  readonly #options: PasswordHasherOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #dummyHash: Promise<string> | null = null;

  constructor(options: PasswordHasherOptions = { concurrency: 2, maxWaiting: 64 }) {
    this.#options = options;
  }

  /** @throws Unavailable when too many wait already */
  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, COST));
  }

  /**
   * Whether the password is the one that was hashed. Without a hash (no such user) it takes as long and answers false,
   * so that the time does not tell which users exist.
   * @throws Unavailable when too many wait already
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const compared = passwordHash ?? (await this.#makeDummyHash());
    const matches = await this.#inTurn(() => verify(compared, password));
    return matches && passwordHash !== null;
  }

  /** Makes the dummy ahead of the first sign-in, which would otherwise take twice as long for an unknown user. */
  async warmUp(): Promise<void> {
    await this.#makeDummyHash();
  }

  async #makeDummyHash(): Promise<string> {
    this.#dummyHash ??= hash('no user has this password', COST);
    return this.#dummyHash;
  }

  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#options.concurrency) await this.#wait();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      // A waiting one takes over this one's place; the count stays.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #wait(): Promise<void> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      throw new Unavailable('Too many people sign in at this moment.', RETRY_AFTER_SECONDS);
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
