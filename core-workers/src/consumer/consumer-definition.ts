import type { StreamDefinition } from '@flotilla/contracts';
import type { ParseMessage } from './parse-message.ts';

/** What a durable consumer reads and what is done with it. Processes that run the same one share the work. */
export interface ConsumerDefinition<Value> {
  readonly stream: StreamDefinition;
  /** Name of the durable consumer. */
  readonly durable: string;
  readonly parse: ParseMessage<Value>;
  /**
   * Handles a batch: resolves once everything is committed, rejects when nothing is. A message may come again, so it
   * must be idempotent.
   */
  readonly handle: (values: readonly Value[]) => Promise<void>;
  /** Whether `handle` failed for a reason that has nothing to do with the messages and passes, such as a database away. */
  readonly isPassing: (error: unknown) => boolean;
  /** Most messages that one process holds without having answered, and most bytes of them; default 500 and 8 MiB. */
  readonly maxInFlight?: number;
  readonly maxBytesInFlight?: number;
  /** Deliveries after which a message that cannot be handled becomes a dead letter; default 5. */
  readonly maxDeliveries?: number;
  /** A message that is not answered for this long is delivered again; default 30 s. */
  readonly ackWaitMs?: number;
  /** Calls of `handle` at once; default 1, which keeps the order of the messages. */
  readonly parallelBatches?: number;
  /** Messages per call of `handle`, and how long the first one waits for others; default 200 and 25 ms. */
  readonly maxBatchSize?: number;
  readonly maxBatchAgeMs?: number;
}

export type ConsumerSettings<Value> = Required<ConsumerDefinition<Value>>;

/** Settings that do not depend on what the messages hold. */
export type ConsumerBounds = Omit<ConsumerSettings<unknown>, 'parse' | 'handle'>;

export function withDefaults<Value>(definition: ConsumerDefinition<Value>): ConsumerSettings<Value> {
  return {
    maxInFlight: 500,
    maxBytesInFlight: 8 * 2 ** 20,
    maxDeliveries: 5,
    ackWaitMs: 30_000,
    parallelBatches: 1,
    maxBatchSize: 200,
    maxBatchAgeMs: 25,
    ...definition,
  };
}
