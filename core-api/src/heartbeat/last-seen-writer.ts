import type { SeenAgent } from '@flotilla/core-db';

export interface LastSeenWriterDeps {
  readonly write: (seen: readonly SeenAgent[]) => Promise<void>;
}

/**
 * Collects when agents were seen and writes it with one statement now and then: a heartbeat does not wait for it, and
 * an agent that is seen twice in between costs one row. Holds at most one entry an agent.
 */
export class LastSeenWriter {
  readonly #write: (seen: readonly SeenAgent[]) => Promise<void>;
  #seen = new Map<string, SeenAgent>();

  constructor({ write }: LastSeenWriterDeps) {
    this.#write = write;
  }

  note(agent: SeenAgent): void {
    this.#seen.set(agent.id, agent);
  }

  /** Writes what was collected. When that fails it is kept for the next time, unless something newer came in. */
  async flush(): Promise<void> {
    if (this.#seen.size === 0) return;
    const seen = this.#seen;
    this.#seen = new Map();
    try {
      await this.#write([...seen.values()]);
    } catch (error) {
      this.#seen = new Map([...seen, ...this.#seen]);
      throw error;
    }
  }
}
