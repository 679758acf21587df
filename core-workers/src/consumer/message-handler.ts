import { setTimeout as delay } from 'node:timers/promises';
import type { BusConnection, Logger } from '@flotilla/runtime';
import type { JsMsg } from '@nats-io/jetstream';
import { chooseRedeliveryDelayMs } from './choose-redelivery-delay.ts';
import type { ConsumerFigures } from './consumer-figures.ts';
import type { ConsumerSettings } from './consumer-definition.ts';
import { publishDeadLetter } from './publish-dead-letter.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

export interface MessageHandlerDeps<Value> {
  readonly settings: ConsumerSettings<Value>;
  readonly bus: Pick<BusConnection, 'jetstream'>;
  readonly logger: Logger;
  /** Ends the wait for a passing failure. */
  readonly signal: AbortSignal;
  readonly figures: ConsumerFigures;
}

interface ReadMessage<Value> {
  readonly message: JsMsg;
  readonly value: Value;
}

/**
 * Answers each message of a batch exactly once:
 *
 *     read ──invalid──────────────────────────────▶ dead letter, term
 *      │
 *      ▼          passing failure: again, messages kept
 *     handle the batch ──failed──▶ handle each alone ──failed──▶ nak with a delay
 *      │                             │                            └─ deliveries used up: dead letter, term
 *      └────────committed────────────┴──▶ ack
 *
 * A failure that passes uses no deliveries up: a database that is away for an hour makes no dead letters.
 */
export class MessageHandler<Value> {
  readonly #deps: MessageHandlerDeps<Value>;
  /** What was received and not answered yet. */
  readonly #held = new Set<JsMsg>();

  constructor(deps: MessageHandlerDeps<Value>) {
    this.#deps = deps;
  }

  /** Takes a message over; it counts as in work until it is answered. */
  hold(message: JsMsg): void {
    this.#deps.figures.add({ messages: 1, redelivered: message.redelivered ? 1 : 0 });
    this.#held.add(message);
  }

  /** Tells the bus that what is held is still in work, so that it is not delivered again meanwhile. */
  reportProgress(): void {
    for (const message of this.#held) message.working();
  }

  /** Handles messages that are held, and answers all of them. Never rejects. */
  async handle(messages: readonly JsMsg[]): Promise<void> {
    const valid: ReadMessage<Value>[] = [];
    for (const message of messages) {
      const parsed = this.#deps.settings.parse(message.data, message.subject);
      if (parsed.ok) valid.push({ message, value: parsed.value });
      else await this.#giveUp(message, parsed.reason);
    }
    if (valid.length === 0) return;
    const failure = await this.#commit(valid);
    if (failure === null) return;
    if (valid.length === 1 || this.#deps.settings.isPassing(failure.error)) {
      for (const { message } of valid) await this.#refuse(message, failure.error);
      return;
    }
    // One message may spoil the batch: each has its own chance.
    for (const one of valid) {
      const ownFailure = await this.#commit([one]);
      if (ownFailure !== null) await this.#refuse(one.message, ownFailure.error);
    }
  }

  /** Resolves with null once the messages are committed and acknowledged. */
  async #commit(batch: readonly ReadMessage<Value>[]): Promise<{ readonly error: unknown } | null> {
    const { settings, logger, signal, figures } = this.#deps;
    const startedAt = performance.now();
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)) {
      try {
        await settings.handle(batch.map(({ value }) => value));
        for (const { message } of batch) this.#answer(message, () => message.ack());
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

  async #refuse(message: JsMsg, error: unknown): Promise<void> {
    const { settings, logger } = this.#deps;
    const { deliveryCount, streamSequence } = message.info;
    const isExhausted = deliveryCount >= settings.maxDeliveries;
    if (isExhausted && !settings.isPassing(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      await this.#giveUp(message, `failed ${deliveryCount} times: ${reason}`);
      return;
    }
    const delayMs = chooseRedeliveryDelayMs(deliveryCount);
    logger.warn({ err: error, sequence: streamSequence, attempt: deliveryCount, delayMs }, 'a message failed');
    this.#answer(message, () => message.nak(delayMs));
  }

  async #giveUp(message: JsMsg, reason: string): Promise<void> {
    const { settings, bus, logger } = this.#deps;
    const { streamSequence: sequence, deliveryCount: deliveries } = message.info;
    const { subject, data: body } = message;
    const names = { stream: settings.stream.name, consumer: settings.durable };
    try {
      await publishDeadLetter(bus.jetstream, { ...names, sequence, subject, deliveries, reason, body });
      this.#deps.figures.add({ deadLetters: 1 });
      logger.error({ ...names, sequence, subject, reason }, 'a message is a dead letter');
      this.#answer(message, () => message.term());
    } catch (err) {
      // Kept in the stream: delivered again, or found by its advisory once its deliveries are used up.
      logger.error({ err, ...names, sequence, reason }, 'could not store a dead letter');
      this.#answer(message, () => message.nak(chooseRedeliveryDelayMs(deliveries)));
    }
  }

  #answer(message: JsMsg, send: () => void): void {
    this.#held.delete(message);
    try {
      send();
    } catch (err) {
      // The connection has been closed. Unanswered, the message is delivered again, and storing it twice changes nothing.
      this.#deps.logger.warn({ err, sequence: message.info.streamSequence }, 'could not answer a message');
    }
  }
}
