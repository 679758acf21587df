interface Waiting<Value> {
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** More look-ups wait than can be answered in time. */
export class BatchLoaderFull extends Error {
  override readonly name = 'BatchLoaderFull';
}

export interface BatchLoaderOptions {
  /** Most ids of one query. */
  readonly maxBatch: number;
  /** Most look-ups that wait at once; further ones are refused. */
  readonly maxWaiting: number;
}

/**
 * Joins look-ups that arrive together into one query: while one is under way, new ones collect for the next. A lone
 * look-up waits for nothing, and under load the batches grow by themselves.
 */
export class BatchLoader<Value> {
  readonly #load: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  readonly #options: BatchLoaderOptions;
  #waiting = new Map<string, Waiting<Value>[]>();
  #waitingCount = 0;
  /** Ends when nothing waits any more. */
  #running: Promise<void> | null = null;

  constructor(load: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>, options: BatchLoaderOptions) {
    this.#load = load;
    this.#options = options;
  }

  /**
   * The value of an id, undefined when there is none. Rejects with the error of the query that it was part of, or with
   * BatchLoaderFull.
   */
  find(id: string): Promise<Value | undefined> {
    if (this.#waitingCount >= this.#options.maxWaiting) {
      return Promise.reject(new BatchLoaderFull(`${this.#waitingCount} look-ups wait already`));
    }
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) this.#waiting.set(id, [{ resolve, reject }]);
      else waiting.push({ resolve, reject });
      this.#waitingCount += 1;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when everybody who waits now has been answered. */
  async drain(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // All requests that the event loop has already read join the first batch.
    await new Promise(setImmediate);
    while (this.#waiting.size > 0) {
      const batch = this.#takeBatch();
      try {
        const found = await this.#load([...batch.keys()]);
        for (const [id, waiting] of batch) for (const { resolve } of waiting) resolve(found.get(id));
      } catch (error) {
        for (const waiting of batch.values()) for (const { reject } of waiting) reject(error);
      }
    }
    this.#running = null;
  }

  #takeBatch(): Map<string, Waiting<Value>[]> {
    const batch =
      this.#waiting.size <= this.#options.maxBatch
        ? this.#waiting
        : new Map([...this.#waiting].slice(0, this.#options.maxBatch));
    if (batch === this.#waiting) this.#waiting = new Map();
    else for (const id of batch.keys()) this.#waiting.delete(id);
    for (const waiting of batch.values()) this.#waitingCount -= waiting.length;
    return batch;
  }
}
