interface Waiting<Value> {
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins look-ups that arrive together into one query: while one is under way, new ones collect for the next. A lone
 * look-up waits for nothing, and under load the batches grow by themselves.
 */
export class BatchLoader<Value> {
  readonly #load: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  readonly #maxBatch: number;
  #waiting = new Map<string, Waiting<Value>[]>();
  #isRunning = false;

  constructor(load: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>, maxBatch: number) {
    this.#load = load;
    this.#maxBatch = maxBatch;
  }

  /** The value of an id, undefined when there is none. Rejects with the error of the query that it was part of. */
  find(id: string): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) this.#waiting.set(id, [{ resolve, reject }]);
      else waiting.push({ resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // All requests that the event loop has already read join the first batch.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = this.#takeBatch();
      try {
        const found = await this.#load([...batch.keys()]);
        for (const [id, waiting] of batch) for (const { resolve } of waiting) resolve(found.get(id));
      } catch (error) {
        for (const waiting of batch.values()) for (const { reject } of waiting) reject(error);
      }
    }
    this.#isRunning = false;
  }

  #takeBatch(): Map<string, Waiting<Value>[]> {
    if (this.#waiting.size <= this.#maxBatch) {
      const all = this.#waiting;
      this.#waiting = new Map();
      return all;
    }
    const batch = new Map([...this.#waiting].slice(0, this.#maxBatch));
    for (const id of batch.keys()) this.#waiting.delete(id);
    return batch;
  }
}
