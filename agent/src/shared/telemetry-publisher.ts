import { agentInboxPrefix } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { parseAck } from './parse-ack.ts';

/** Messages since the start. */
export interface TelemetryStats {
  readonly sent: number;
  readonly acknowledged: number;
  /** Not sent because the bus was away, refused, or not answered in time. */
  readonly dropped: number;
}

interface Session {
  readonly nats: NatsConnection;
  readonly inbox: string;
  readonly answers: Subscription;
}

export interface TelemetryMessage {
  readonly subject: string;
  /** JSON. */
  readonly body: unknown;
}

export interface TelemetryOptions {
  readonly agentId: string;
  /** What is sent, for the log. */
  readonly what: string;
  /** Later than this no answer counts. */
  readonly answerWithinMs: number;
  readonly logger: Logger;
}

/**
 * Sends to a stream what is worth something while it is new: nothing waits for the bus and nothing is sent again. What did not
 * arrive is counted.
 */
export class TelemetryPublisher {
  readonly #options: TelemetryOptions;
  readonly #stats = { sent: 0, acknowledged: 0, dropped: 0 };
  /** Sent and not answered, and when: by a clock that nobody sets. */
  readonly #open = new Map<number, number>();
  #session: Session | null = null;
  #hasTold = false;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  get stats(): TelemetryStats {
    return this.#stats;
  }

  /** A connection is there (also: again), or is gone. */
  setConnection(nats: NatsConnection | null): void {
    const before = this.#session;
    if (before !== null && !before.nats.isClosed()) before.answers.unsubscribe();
    this.#giveUpOpen('the connection ended', Infinity);
    this.#session = nats === null || nats.isClosed() ? null : this.#openSession(nats);
  }

  publish(messages: readonly TelemetryMessage[]): void {
    this.#giveUpOpen('no answer in time', performance.now() - this.#options.answerWithinMs);
    const session = this.#session;
    for (const { subject, body } of messages) {
      if (session === null) this.#stats.dropped += 1;
      else this.#send(session, subject, JSON.stringify(body));
    }
  }

  #send({ nats, inbox }: Session, subject: string, payload: string): void {
    this.#stats.sent += 1;
    const number = this.#stats.sent;
    this.#open.set(number, performance.now());
    try {
      nats.publish(subject, payload, { reply: `${inbox}.${number}` });
    } catch (err) {
      // Closed under our hands.
      this.#settle(number, err instanceof Error ? err.message : String(err));
    }
  }

  #openSession(nats: NatsConnection): Session {
    const inbox = createInbox(agentInboxPrefix(this.#options.agentId));
    const answers = nats.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error !== null) this.#options.logger.warn({ err: error }, 'cannot hear the answers of the bus');
        else this.#accept(inbox, message);
      },
    });
    return { nats, inbox, answers };
  }

  #accept(inbox: string, message: Msg): void {
    const ack = parseAck(message.string(), message.headers?.code ?? 0);
    this.#settle(Number(message.subject.slice(inbox.length + 1)), ack.kind === 'stored' ? null : ack.reason);
  }

  /** @param problem null when it is in the stream */
  #settle(number: number, problem: string | null): void {
    if (!this.#open.delete(number)) return;
    if (problem === null) {
      this.#stats.acknowledged += 1;
      if (this.#hasTold) this.#options.logger.info(`the bus takes ${this.#options.what} again`);
      this.#hasTold = false;
      return;
    }
    this.#stats.dropped += 1;
    if (!this.#hasTold) this.#options.logger.warn({ reason: problem }, `${this.#options.what} do not arrive`);
    this.#hasTold = true;
  }

  #giveUpOpen(problem: string, sentUntilMs: number): void {
    for (const [number, sentAtMs] of this.#open) if (sentAtMs <= sentUntilMs) this.#settle(number, problem);
  }
}
