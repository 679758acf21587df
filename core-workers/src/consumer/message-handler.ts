import { setTimeout as delay } from 'node:timers/promises';
import type { BusConnection, Logger } from '@flotilla/runtime';
import { buryMessage } from './bury-message.ts';
import { chooseRedeliveryDelayMs } from './choose-redelivery-delay.ts';
import type { Delivery } from './delivery.ts';
import type { ConsumerFigures } from './consumer-figures.ts';
import type { ConsumerSettings } from './consumer-definition.ts';
import type { ParsedMessage } from './parse-message.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

export interface MessageHandlerDeps<Value> {
  readonly settings: ConsumerSettings<Value>;
  readonly bus: Pick<BusConnection, 'jetstream' | 'jetstreamManager'>;
  readonly logger: Logger;
  /** Ends the wait for a passing failure. */
  readonly signal: AbortSignal;
  readonly figures: ConsumerFigures;
}

/** A message with what was read from it. */
export interface ReceivedMessage<Value> {
  readonly message: Delivery;
  readonly parsed: ParsedMessage<Value>;
}

interface ReadableMessage<Value> {
  readonly message: Delivery;
  readonly value: Value;
}

/**
 * Answers each message of a batch exactly once:
 *
 *     read ──invalid──────────────────────────────▶ dead letter, term
 *      │
 *      ▼          passing failure: again, messages kept
 *     handle the batch ──failed──▶ handle its halves … one ──failed──▶ nak with a delay
 *      │                             │                                  └─ deliveries used up: dead letter, term
 *      └────────committed────────────┴──▶ ack
 *
 * A failure that passes uses no deliveries up: a database that is away for an hour makes no dead letters.
 */
export class MessageHandler<Value> {
  readonly #deps: MessageHandlerDeps<Value>;
  /** What was received and not answered yet. */
  readonly #held = new Set<Delivery>();
  #heldBytes = 0;
  /** Called after messages were answered, once for those that were answered together. */
  onAnswered: (() => void) | null = null;

  constructor(deps: MessageHandlerDeps<Value>) {
    this.#deps = deps;
  }

  /** What is in hand. */
  get held(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#held.size, bytes: this.#heldBytes };
  }

  /** Takes a message over, which is in hand until it is answered, and reads it. What is returned is to be given to `handle`. */
  receive(message: Delivery, body: Uint8Array): ReceivedMessage<Value> {
    this.#deps.figures.add({ messages: 1, redelivered: message.deliveries > 1 ? 1 : 0 });
    this.#held.add(message);
    this.#heldBytes += message.bytes;
    return { message, parsed: this.#deps.settings.parse(body, message.subject) };
  }

  /** Tells the bus that what is held is still in work, so that it is not delivered again meanwhile. */
  reportProgress(): void {
    for (const message of this.#held) this.#send(message, () => message.working());
  }

  /** Handles messages that were received, and answers all of them. Never rejects. */
  async handle(batch: readonly ReceivedMessage<Value>[]): Promise<void> {
    const readable: ReadableMessage<Value>[] = [];
    const unreadable: { readonly message: Delivery; readonly reason: string }[] = [];
    for (const { message, parsed } of batch) {
      if (parsed.ok) readable.push({ message, value: parsed.value });
      else unreadable.push({ message, reason: parsed.reason });
    }
    await this.#store(readable);
    for (const { message, reason } of unreadable) await this.#giveUp(message, reason);
  }

  async #store(batch: readonly ReadableMessage<Value>[]): Promise<void> {
    if (batch.length === 0) return;
    const failure = await this.#commit(batch);
    if (failure === null) return;
    if (batch.length === 1 || this.#deps.settings.isPassing(failure.error)) {
      for (const { message } of batch) await this.#refuse(message, failure.error);
      return;
    }
    // One message may spoil the batch: halves find it in few attempts, and everything else is stored.
    const middle = Math.ceil(batch.length / 2);
    await this.#store(batch.slice(0, middle));
    await this.#store(batch.slice(middle));
  }

  /** Resolves with null once the messages are committed and acknowledged. */
  async #commit(batch: readonly ReadableMessage<Value>[]): Promise<{ readonly error: unknown } | null> {
    const { settings, logger, signal, figures } = this.#deps;
    const startedAt = performance.now();
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)) {
      try {
        await settings.handle(batch.map(({ value }) => value));
        for (const { message } of batch) this.#answer(message, () => message.ack());
        this.onAnswered?.();
        figures.addBatch({ messages: batch.length, durationMs: performance.now() - startedAt });
        return null;
      } catch (error) {
        if (!settings.isPassing(error) || signal.aborted) return { error };
        logger.warn({ err: error, messages: batch.length, retryMs }, 'cannot store messages yet');
      }
      // Aborted by the shutdown, after which one last attempt is made.
      await delay(retryMs, undefined, { signal }).catch((reason: unknown) =>
        logger.debug({ reason }, 'no more waiting'),
      );
    }
  }

  async #refuse(message: Delivery, error: unknown): Promise<void> {
    const { settings, logger } = this.#deps;
    const { deliveries, sequence } = message;
    const isExhausted = deliveries >= settings.maxDeliveries;
    if (isExhausted && !settings.isPassing(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      await this.#giveUp(message, `failed ${deliveries} times: ${reason}`);
      return;
    }
    const delayMs = chooseRedeliveryDelayMs(deliveries);
    logger.warn({ err: error, sequence, attempt: deliveries, delayMs }, 'a message failed');
    this.#answer(message, () => message.nak(delayMs));
    this.onAnswered?.();
  }

  async #giveUp(message: Delivery, reason: string): Promise<void> {
    const { settings, bus, logger } = this.#deps;
    const { sequence, deliveries } = message;
    const names = { stream: settings.stream.name, consumer: settings.durable };
    try {
      await buryMessage(bus, { ...names, sequence, deliveries, reason });
      this.#deps.figures.add({ deadLetters: 1 });
      logger.error({ ...names, sequence, subject: message.subject, reason }, 'a message is a dead letter');
      this.#answer(message, () => message.term());
    } catch (err) {
      // Kept in the stream: delivered again, or found by its advisory once its deliveries are used up.
      logger.error({ err, ...names, sequence, reason }, 'could not store a dead letter');
      this.#answer(message, () => message.nak(chooseRedeliveryDelayMs(deliveries)));
    }
    this.onAnswered?.();
  }

  #answer(message: Delivery, send: () => void): void {
    if (this.#held.delete(message)) this.#heldBytes -= message.bytes;
    this.#send(message, send);
  }

  #send(message: Delivery, send: () => void): void {
    try {
      send();
    } catch (err) {
      // The connection has been closed. Unanswered, the message is delivered again, and storing it twice changes nothing.
      this.#deps.logger.warn({ err, sequence: message.sequence }, 'could not answer a message');
    }
  }
}
