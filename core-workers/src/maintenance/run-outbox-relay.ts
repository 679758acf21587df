import { EVENTS_STREAM } from '@flotilla/contracts';
import { inTransaction, lockUnpublished, markPublished, type Database, type WaitingMessage } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import { publishDeadLetter } from '../consumer/publish-dead-letter.ts';
import { decideRelay } from './decide-relay.ts';

/** Short, because an event is news; the query finds nothing in an index of nothing. */
const POLL_MS = 250;
const LONGEST_BACKOFF_MS = 5000;
const BATCH = 100;
const PUBLISH_TIMEOUT_MS = 2000;

export interface OutboxRelayDeps {
  readonly database: Database;
  readonly bus: Pick<BusConnection, 'jetstream' | 'isConnected'>;
  readonly logger: Logger;
}

/** Publishes what waits in the outbox until the signal aborts. */
export function runOutboxRelay(deps: OutboxRelayDeps, signal: AbortSignal): { readonly finished: Promise<void> } {
  const loop = runPeriodically(
    async () => {
      if (!deps.bus.isConnected()) return;
      if ((await relayBatch(deps)) === BATCH) loop.runSoon();
    },
    {
      intervalMs: POLL_MS,
      maxBackoffMs: LONGEST_BACKOFF_MS,
      signal,
      onError: (err, attempt) => deps.logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot relay events yet'),
    },
  );
  return loop;
}

/**
 * Publishes the oldest waiting messages and marks those that the stream has stored. The rows stay locked meanwhile, so
 * that other workers take others. A process that dies in between leaves them unmarked: they are published again under
 * the same message id, which the stream drops as a duplicate.
 * @returns how many messages were waiting, at most a batch
 * @throws the first error, once what was stored is marked
 */
export async function relayBatch(deps: OutboxRelayDeps): Promise<number> {
  const { waiting, failures } = await inTransaction(deps.database, async (tx) => {
    const messages = await lockUnpublished(tx, BATCH);
    const results = await Promise.allSettled(messages.map((message) => publish(deps, message)));
    const stored = messages.filter((_, index) => results[index]?.status === 'fulfilled');
    await markPublished(
      tx,
      stored.map(({ id }) => id),
    );
    return { waiting: messages.length, failures: results.filter((result) => result.status === 'rejected') };
  });
  const [failure] = failures;
  if (failure !== undefined) throw new Error('the bus did not store all events', { cause: failure.reason });
  return waiting;
}

async function publish({ bus, logger }: OutboxRelayDeps, message: WaitingMessage): Promise<void> {
  const { id, subject } = message;
  const decision = decideRelay(message);
  if (decision.action === 'publish') {
    await bus.jetstream.publish(subject, decision.body, {
      msgID: id,
      timeout: PUBLISH_TIMEOUT_MS,
      expect: { streamName: EVENTS_STREAM.name },
    });
    return;
  }
  const { reason } = decision;
  logger.error({ id, [LOG_KEYS.subject]: subject, reason }, 'an event that cannot be published is a dead letter');
  const letter = { stream: 'OUTBOX', consumer: 'relay', sequence: null, subject, deliveries: 0, reason };
  await publishDeadLetter(bus.jetstream, { ...letter, body: Buffer.from(decision.body) }, `outbox.${id}`);
}
