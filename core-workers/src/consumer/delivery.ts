import { nanos, type Msg, type NatsConnection } from '@nats-io/transport-node';

const ACK = '+ACK';
const NAK = '-NAK';
const IN_PROGRESS = '+WPI';
const TERM = '+TERM';
/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.…`, or with domain and account in between (NATS, ADR-15). */
const TOKENS_WITHOUT_DOMAIN = 9;
const DOMAIN_TOKENS = 2;

/**
 * A message of a pull consumer that is to be answered once. It does not keep the body: that would hold on to the whole piece
 * that came from the socket, of which there are many times more than of what is read from it. Answers throw when the
 * connection is closed.
 */
export class Delivery {
  readonly subject: string;
  /** Size of the body. */
  readonly bytes: number;
  readonly #nats: NatsConnection;
  readonly #reply: string;

  constructor(nats: NatsConnection, message: Msg) {
    this.subject = message.subject;
    this.bytes = message.data.length;
    this.#nats = nats;
    this.#reply = message.reply ?? '';
  }

  /** Place in the stream. */
  get sequence(): number {
    return this.#readNumber(5);
  }

  /** How often it was delivered, this time included. */
  get deliveries(): number {
    return this.#readNumber(4);
  }

  /** It is done, and not delivered again. */
  ack(): void {
    this.#answer(ACK);
  }

  /** It could not be handled now; delivered again after so long. */
  nak(delayMs: number): void {
    this.#answer(`${NAK} ${JSON.stringify({ delay: nanos(delayMs) })}`);
  }

  /** It is still in work: the time for the answer begins anew. */
  working(): void {
    this.#answer(IN_PROGRESS);
  }

  /** It can never be handled, and is not delivered again. */
  term(): void {
    this.#answer(TERM);
  }

  #answer(payload: string): void {
    this.#nats.publish(this.#reply, payload);
  }

  #readNumber(token: number): number {
    const tokens = this.#reply.split('.');
    return Number(tokens[tokens.length === TOKENS_WITHOUT_DOMAIN ? token : token + DOMAIN_TOKENS]);
  }
}
