export interface BatcherOptions<Item> {
  /** A batch never has more. */
  readonly maxSize: number;
  /** Longest time in milliseconds that an item waits for others, as far as a flush is free. */
  readonly maxAgeMs: number;
  /** Flushes at once; with 1 they keep the order of the items. */
  readonly maxFlushes: number;
  /** Takes a batch. Must not reject. */
  readonly flush: (items: readonly Item[]) => Promise<void>;
}

/**
 * Collects items into batches, flushed by size or by age, at most `maxFlushes` at once; while all are busy, batches grow. It
 * has no bound of its own: whoever adds decides how many items are in hand.
 */
export class Batcher<Item> {
  readonly #options: BatcherOptions<Item>;
  #items: Item[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** The oldest item has waited for long enough. */
  #isDue = false;
  readonly #flushes = new Set<Promise<void>>();

  constructor(options: BatcherOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#flushWhatIsReady();
  }

  /** Flushes what is left and waits for everything. */
  async drain(): Promise<void> {
    this.#isDue = true;
    this.#flushWhatIsReady();
    while (this.#flushes.size > 0) await Promise.race(this.#flushes);
  }

  #flushWhatIsReady(): void {
    const { maxSize, maxAgeMs, maxFlushes } = this.#options;
    while (
      this.#flushes.size < maxFlushes &&
      (this.#items.length >= maxSize || (this.#isDue && this.#items.length > 0))
    ) {
      this.#flush(this.#items.splice(0, maxSize));
    }
    if (this.#items.length > 0) this.#timer ??= setTimeout(() => this.flushSoon(), maxAgeMs);
    else this.#restartAge();
  }

  /** Flushes what is there as soon as a flush is free. */
  flushSoon(): void {
    if (this.#items.length > 0) this.#isDue = true;
    this.#flushWhatIsReady();
  }

  #restartAge(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = false;
  }

  #flush(batch: Item[]): void {
    const flush = this.#options.flush(batch).finally(() => {
      this.#flushes.delete(flush);
      this.#flushWhatIsReady();
    });
    this.#flushes.add(flush);
  }
}
