import { createInbox, nanos, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { Delivery } from './delivery.ts';

/** How long a request stays open when nothing comes; the next one follows at once. */
const EXPIRES_MS = 5000;
/** The server says this often that an open request is not forgotten. */
const IDLE_HEARTBEAT_MS = 1000;
/** Without a word for so long a request is lost, as it is when the bus starts anew. */
const LONGEST_SILENCE_MS = 3000;
/** Statuses of an answer without a message (nats-server, ADR-13). */
const IDLE_HEARTBEAT = 100;
const NO_MESSAGES = 404;
const EXPIRED = 408;
const CONFLICT = 409;
const SIZE_EXCEEDED = /exceeds maxbytes/i;

export interface PullRequestOptions {
  readonly nats: NatsConnection;
  readonly stream: string;
  readonly durable: string;
  /** The body must not be kept. */
  readonly onMessage: (message: Delivery, body: Uint8Array) => void;
  /**
   * The open request has ended: it was answered in full, or there is nothing more that it may bring. `isNextTooLarge`: because
   * the next message does not fit into its bytes.
   */
  readonly onEnd: (end: { readonly isNextTooLarge: boolean }) => void;
  /** Messages cannot be asked for any more: the consumer or its server is gone. */
  readonly onFailure: (error: Error) => void;
}

/**
 * Requests for messages of a pull consumer, one open at a time, each bounded by messages and by bytes: the client library's
 * own know one bound only, and how large messages are is up to those who send them. By NATS's ADR-13 (pull requests, status
 * codes, idle heartbeats).
 */
export class PullRequests {
  readonly #options: PullRequestOptions;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #watch: NodeJS.Timeout;
  /** What the open request may still bring; 0 when none is open. */
  #left = 0;
  #heardAtMs = 0;

  constructor(options: PullRequestOptions) {
    this.#options = options;
    this.#inbox = createInbox();
    this.#subscription = options.nats.subscribe(this.#inbox, {
      callback: (error, message) => (error === null ? this.#receive(message) : options.onFailure(error)),
    });
    this.#watch = setInterval(() => this.#checkSilence(), IDLE_HEARTBEAT_MS);
  }

  get isOpen(): boolean {
    return this.#left > 0;
  }

  /** Asks for up to so many messages of up to so many bytes altogether; null for whatever they have. */
  request(messages: number, bytes: number | null): void {
    const { nats, stream, durable, onFailure } = this.#options;
    this.#left = messages;
    this.#heardAtMs = performance.now();
    const request = {
      batch: messages,
      ...(bytes === null ? {} : { max_bytes: bytes }),
      expires: nanos(EXPIRES_MS),
      idle_heartbeat: nanos(IDLE_HEARTBEAT_MS),
    };
    try {
      nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, JSON.stringify(request), { reply: this.#inbox });
    } catch (error) {
      // The connection is closed for good. Whoever has just answered a message has nothing to do with that.
      onFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Takes no more messages. One on its way is delivered again later, to whoever asks then. */
  close(): void {
    this.#left = 0;
    clearInterval(this.#watch);
    this.#subscription.unsubscribe();
  }

  #receive(message: Msg): void {
    this.#heardAtMs = performance.now();
    // A message keeps its own subject; only the server's statuses come under the inbox.
    if (message.subject === this.#inbox) return this.#readStatus(message);
    this.#left -= 1;
    this.#options.onMessage(new Delivery(this.#options.nats, message), message.data);
    if (this.#left <= 0) this.#end(false);
  }

  #readStatus({ headers }: Msg): void {
    const code = headers?.code ?? 0;
    const description = headers?.description ?? '';
    if (code === IDLE_HEARTBEAT) return;
    const isNextTooLarge = code === CONFLICT && SIZE_EXCEEDED.test(description);
    if (code === NO_MESSAGES || code === EXPIRED || isNextTooLarge) this.#end(isNextTooLarge);
    else this.#options.onFailure(new Error(`the bus refuses to deliver: ${code} ${description}`));
  }

  #end(isNextTooLarge: boolean): void {
    this.#left = 0;
    this.#options.onEnd({ isNextTooLarge });
  }

  #checkSilence(): void {
    if (!this.isOpen || performance.now() - this.#heardAtMs < LONGEST_SILENCE_MS) return;
    this.#options.onFailure(new Error(`the bus has not answered for ${LONGEST_SILENCE_MS} ms`));
  }
}
