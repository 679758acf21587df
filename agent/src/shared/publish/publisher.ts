import { createInbox, headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import type { Logger } from '@flotilla/runtime';
import { chooseBackoffMs } from '../choose-backoff.ts';
import type { Spool, SpooledMessage } from '../spool/spool.ts';
import { decideDelivery } from './decide-delivery.ts';
import { DeliveryWindow, type InFlight } from './delivery-window.ts';
import { parseAck, type Ack } from '../parse-ack.ts';

const DEFAULT_LIMITS = {
  messages: 256,
  bytes: 4 * 2 ** 20,
  ackTimeoutMs: 5000,
  firstBackoffMs: 250,
  longestBackoffMs: 30_000,
};
/** What the header with the message's id takes. */
const HEADER_BYTES = 256;
const CLOSE_BOUND_MS = 500;

export interface PublisherOptions {
  readonly spool: Pick<Spool, 'read' | 'acknowledge' | 'discard'>;
  readonly subject: string;
  /** The server lets the agent hear answers only there. */
  readonly inboxPrefix: string;
  readonly logger: Logger;
  /** How much may be on its way, and the waits. */
  readonly limits?: Partial<typeof DEFAULT_LIMITS>;
}

export interface PublisherStats {
  /** Sent, each time counted. */
  readonly sent: number;
  readonly resent: number;
  readonly acknowledged: number;
  /** Acknowledged as known already. */
  readonly repeats: number;
  readonly discarded: number;
}

/** A connection as long as it lasts. */
interface Session {
  readonly nats: NatsConnection;
  readonly inbox: string;
  readonly answers: Subscription;
}

/**
 * Carries the spool to the stream:
 *
 *     spool ─▶ window, at most 256 messages ─▶ published, with a reply subject ─▶ answer ─▶ acknowledged in the spool
 *                 ▲                                 ├─ refused, no answer: after a wait, the same message id
 *                 └───────── connection lost ◀──────┴─ wrong in itself: given up and counted
 *
 * Publishing is plain NATS with counted answers: the client's own JetStream `publish()` makes a promise, a timer and a
 * subject for each message, which is several times slower.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #limits: typeof DEFAULT_LIMITS;
  readonly #window = new DeliveryWindow();
  readonly #stats = { sent: 0, resent: 0, acknowledged: 0, repeats: 0, discarded: 0 };
  readonly #running: Promise<void>;
  #session: Session | null = null;
  /** The spool may have something that was not read. */
  #hasMore = true;
  #failuresInARow = 0;
  #pausedUntilMs = 0;
  #isClosing = false;
  #isEnded = false;
  #wake: (() => void) | null = null;
  #isWoken = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#running = this.#run();
  }

  get stats(): PublisherStats {
    return this.#stats;
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  /** A connection is there (also: again), or is gone. Everything that was not answered is sent again. */
  setConnection(nats: NatsConnection | null): void {
    const before = this.#session;
    if (before !== null && !before.nats.isClosed()) before.answers.unsubscribe();
    this.#session = nats === null || nats.isClosed() ? null : this.#openSession(nats);
    for (const entry of this.#window.open()) entry.sentAtMs = null;
    this.#failuresInARow = 0;
    this.#pausedUntilMs = 0;
    this.#wakeUp();
  }

  /** The spool has something new. */
  notify(): void {
    this.#hasMore = true;
    this.#wakeUp();
  }

  /** Waits half a second for answers that are on their way, then ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (
      const endsAt = performance.now() + CLOSE_BOUND_MS;
      this.#isWaitingForAnswers() && performance.now() < endsAt;
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.setConnection(null);
    this.#isEnded = true;
    this.#wakeUp();
    await this.#running;
  }

  #isWaitingForAnswers(): boolean {
    return this.#session !== null && this.#window.size > 0;
  }

  #openSession(nats: NatsConnection): Session {
    const inbox = createInbox(this.#options.inboxPrefix);
    const answers = nats.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        // A refused subscription: the answers then do not come, which is handled by their time.
        if (error !== null) this.#options.logger.warn({ err: error }, 'cannot hear the answers of the bus');
        else this.#accept(inbox, message);
      },
    });
    return { nats, inbox, answers };
  }

  async #run(): Promise<void> {
    while (!this.#isEnded) {
      const waitMs = await this.#step(performance.now());
      await this.#sleep(waitMs);
    }
  }

  /** Sends what may be sent. Resolves with how long to wait for a reason to look again, in milliseconds. */
  async #step(nowMs: number): Promise<number> {
    const session = this.#session;
    if (session === null) return Infinity;
    this.#expire(nowMs);
    if (this.#pausedUntilMs > nowMs) return this.#pausedUntilMs - nowMs;
    for (const entry of this.#window.open()) if (entry.sentAtMs === null) this.#send(session, entry);
    if (!this.#isClosing) await this.#fill(session);
    return this.#untilNextLook();
  }

  async #fill(session: Session): Promise<void> {
    while (this.#hasMore && this.#session === session) {
      const room = {
        messages: this.#limits.messages - this.#window.size,
        bytes: this.#limits.bytes - this.#window.bytes,
      };
      if (room.messages <= 0 || room.bytes <= 0) return;
      this.#hasMore = false;
      let messages: SpooledMessage[];
      try {
        messages = await this.#options.spool.read(room);
      } catch (error) {
        this.#hasMore = true;
        this.#fail(`the spool cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
      this.#hasMore ||= messages.length > 0;
      for (const message of messages) {
        const entry = this.#window.add(message);
        // With another connection by now they wait in the window, behind what is older and must be sent again.
        if (this.#session === session) this.#send(session, entry);
      }
    }
  }

  #send({ nats, inbox }: Session, entry: InFlight): void {
    const { sequence, messageId, payload } = entry.message;
    const largest = nats.info?.max_payload ?? Infinity;
    if (payload.length + HEADER_BYTES > largest) {
      this.#discard(entry, `it has ${payload.length} bytes, and the bus takes ${largest}`);
      return;
    }
    const header = headers();
    header.set('Nats-Msg-Id', messageId);
    try {
      nats.publish(this.#options.subject, payload, { headers: header, reply: `${inbox}.${sequence}` });
    } catch (error) {
      // Closed under our hands; what follows a closed connection is a new one.
      this.#options.logger.debug({ err: error }, 'the bus connection does not take messages');
    }
    // Also after a failure: it is tried again when no answer comes.
    entry.sentAtMs = performance.now();
    entry.attempts += 1;
    this.#stats.sent += 1;
    if (entry.attempts > 1) this.#stats.resent += 1;
  }

  #accept(inbox: string, message: Msg): void {
    const entry = this.#window.findOpen(Number(message.subject.slice(inbox.length + 1)));
    if (entry === undefined) return;
    this.#settle(entry, parseAck(message.string(), message.headers?.code ?? 0));
    this.#wakeUp();
  }

  /** @param ack null when none came in time */
  #settle(entry: InFlight, ack: Ack | null): void {
    if (ack?.kind !== 'stored') {
      if (entry.failures === 0) entry.storedAtFirstFailure = this.#stats.acknowledged;
      entry.failures += 1;
    }
    const areOthersStored = this.#stats.acknowledged > entry.storedAtFirstFailure;
    const delivery = decideDelivery(ack, { failures: entry.failures, areOthersStored });
    switch (delivery.action) {
      case 'done':
        entry.outcome = 'stored';
        this.#stats.acknowledged += 1;
        if (ack?.kind === 'stored' && ack.isRepeat) this.#stats.repeats += 1;
        if (this.#failuresInARow > 0) this.#options.logger.info('the bus takes samples again');
        this.#failuresInARow = 0;
        return this.#release();
      case 'resend':
        entry.sentAtMs = null;
        return this.#fail(delivery.reason);
      case 'discard':
        return this.#discard(entry, delivery.reason);
    }
  }

  #discard(entry: InFlight, reason: string): void {
    this.#options.logger.error({ reason, bytes: entry.message.payload.length }, 'a sample is given up');
    entry.outcome = 'discarded';
    this.#stats.discarded += 1;
    this.#release();
  }

  #release(): void {
    const { spool } = this.#options;
    for (const { message, outcome } of this.#window.takeSettled()) {
      if (outcome === 'discarded') spool.discard(message);
      else spool.acknowledge(message);
    }
  }

  /** Nothing is sent for a while. What fails during that while is part of the same failure. */
  #fail(reason: string): void {
    const nowMs = performance.now();
    if (this.#pausedUntilMs > nowMs) return;
    this.#failuresInARow += 1;
    const bounds = { firstMs: this.#limits.firstBackoffMs, longestMs: this.#limits.longestBackoffMs };
    const waitMs = chooseBackoffMs(bounds, this.#failuresInARow, Math.random());
    this.#pausedUntilMs = nowMs + waitMs;
    if (this.#failuresInARow === 1) this.#options.logger.warn({ reason, waitMs }, 'samples wait for the bus');
  }

  #expire(nowMs: number): void {
    for (const entry of this.#window.open()) {
      if (entry.sentAtMs !== null && nowMs - entry.sentAtMs >= this.#limits.ackTimeoutMs) this.#settle(entry, null);
    }
  }

  #untilNextLook(): number {
    const nowMs = performance.now();
    let nextMs = this.#pausedUntilMs > nowMs ? this.#pausedUntilMs : Infinity;
    for (const { sentAtMs } of this.#window.open()) {
      if (sentAtMs !== null) nextMs = Math.min(nextMs, sentAtMs + this.#limits.ackTimeoutMs);
    }
    return Math.max(0, nextMs - nowMs);
  }

  #wakeUp(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  async #sleep(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = ms === Infinity ? undefined : setTimeout(resolve, Math.ceil(ms));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#isWoken = false;
  }
}
