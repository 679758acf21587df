export interface BatcherOptions<Item> {
  /** A batch of this size is flushed at once. */
  readonly maxSize: number;
  /** Longest time in milliseconds that an item waits for others. */
  readonly maxAgeMs: number;
  /** Takes a batch; never called twice at once. Must not reject. */
  readonly flush: (items: readonly Item[]) => Promise<void>;
}

/**
 * Collects items into batches, flushed by size or by age, one after the other and in order. It has no bound of its own:
 * whoever adds decides how many items are in hand.
 */
export class Batcher<Item> {
  readonly #options: BatcherOptions<Item>;
  #items: Item[] = [];
  #timer: NodeJS.Timeout | null = null;
  #flushes: Promise<void> = Promise.resolve();

  constructor(options: BatcherOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length >= this.#options.maxSize) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#options.maxAgeMs);
  }

  /** Flushes what is left and waits for everything. */
  async drain(): Promise<void> {
    this.#flush();
    await this.#flushes;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#items.length === 0) return;
    const batch = this.#items;
    this.#items = [];
    this.#flushes = this.#flushes.then(() => this.#options.flush(batch));
  }
}
