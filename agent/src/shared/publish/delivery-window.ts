import type { SpooledMessage } from '../spool/spool.ts';

/** A message on its way. */
export interface InFlight {
  readonly message: SpooledMessage;
  /** By a clock that nobody sets; null while it waits to be sent (again). */
  sentAtMs: number | null;
  attempts: number;
  failures: number;
  /** How many messages the stream had taken when this one failed first. */
  storedAtFirstFailure: number;
  /** Null while it is open. */
  outcome: 'stored' | 'discarded' | null;
}

/** What was read from the spool and is not acknowledged there, in order. */
export class DeliveryWindow {
  readonly #entries = new Map<number, InFlight>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(message: SpooledMessage): InFlight {
    const entry = { message, sentAtMs: null, attempts: 0, failures: 0, storedAtFirstFailure: 0, outcome: null };
    this.#entries.set(message.sequence, entry);
    this.#bytes += message.bytes;
    return entry;
  }

  /** Undefined when it is settled already. */
  findOpen(sequence: number): InFlight | undefined {
    const entry = this.#entries.get(sequence);
    return entry?.outcome === null ? entry : undefined;
  }

  /** Those that nothing is known of yet, in order. */
  *open(): Generator<InFlight> {
    for (const entry of this.#entries.values()) if (entry.outcome === null) yield entry;
  }

  /** Takes out what is settled, up to the first that is not: the spool is acknowledged in order. */
  *takeSettled(): Generator<InFlight> {
    for (const [sequence, entry] of this.#entries) {
      if (entry.outcome === null) return;
      this.#entries.delete(sequence);
      this.#bytes -= entry.message.bytes;
      yield entry;
    }
  }
}
