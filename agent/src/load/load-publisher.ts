import { agentInboxPrefix, subjects } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { parseAck } from '../shared/parse-ack.ts';
import type { PartitionMessage } from './plan-load-messages.ts';

/** Messages since the start. */
export interface LoadPublisherStats {
  readonly sent: number;
  readonly acknowledged: number;
  /** Not sent because the bus was away, refused, or not answered until the next ones were due. */
  readonly dropped: number;
}

interface Session {
  readonly nats: NatsConnection;
  readonly inbox: string;
  readonly answers: Subscription;
}

/**
 * Sends load to its stream. Nothing waits for the bus and nothing is sent again: load is worth something while it is new, and
 * what comes in five seconds takes its place. What did not arrive is counted.
 */
export class LoadPublisher {
  readonly #agentId: string;
  readonly #logger: Logger;
  readonly #stats = { sent: 0, acknowledged: 0, dropped: 0 };
  /** Sent and not answered. */
  readonly #open = new Set<number>();
  #session: Session | null = null;
  #hasTold = false;

  constructor(agentId: string, logger: Logger) {
    this.#agentId = agentId;
    this.#logger = logger;
  }

  get stats(): LoadPublisherStats {
    return this.#stats;
  }

  /** A connection is there (also: again), or is gone. */
  setConnection(nats: NatsConnection | null): void {
    const before = this.#session;
    if (before !== null && !before.nats.isClosed()) before.answers.unsubscribe();
    this.#giveUpOpen('the connection ended');
    this.#session = nats === null || nats.isClosed() ? null : this.#openSession(nats);
  }

  publish(messages: readonly PartitionMessage[]): void {
    this.#giveUpOpen('no answer in time');
    const session = this.#session;
    for (const { partition, message } of messages) {
      if (session === null) this.#stats.dropped += 1;
      else this.#send(session, subjects.load(partition, this.#agentId), JSON.stringify(message));
    }
  }

  #send({ nats, inbox }: Session, subject: string, payload: string): void {
    this.#stats.sent += 1;
    const number = this.#stats.sent;
    this.#open.add(number);
    try {
      nats.publish(subject, payload, { reply: `${inbox}.${number}` });
    } catch (err) {
      // Closed under our hands.
      this.#settle(number, err instanceof Error ? err.message : String(err));
    }
  }

  #openSession(nats: NatsConnection): Session {
    const inbox = createInbox(agentInboxPrefix(this.#agentId));
    const answers = nats.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error !== null) this.#logger.warn({ err: error }, 'cannot hear the answers of the bus');
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
      if (this.#hasTold) this.#logger.info('the bus takes load samples again');
      this.#hasTold = false;
      return;
    }
    this.#stats.dropped += 1;
    if (!this.#hasTold) this.#logger.warn({ reason: problem }, 'load samples do not arrive');
    this.#hasTold = true;
  }

  #giveUpOpen(problem: string): void {
    for (const number of this.#open) this.#settle(number, problem);
  }
}
