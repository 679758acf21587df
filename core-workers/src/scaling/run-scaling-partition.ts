import { LOAD_STREAM, loadMessage, parseTelemetrySubject, subjects } from '@flotilla/contracts';
import type { Database } from '@flotilla/core-db';
import { runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { parseMessage } from '../consumer/parse-message.ts';
import { publishDeadLetter } from '../consumer/publish-dead-letter.ts';
import { PartitionScaler } from './partition-scaler.ts';

/** Name under which what cannot be read is put away; the consumer itself has none, it belongs to one process. */
export const SCALING_CONSUMER = 'scaling';
/** The longest window that a policy may have. */
const REPLAY_MS = 3_600_000;
const REFRESH_EVERY_MS = 1000;
const FLUSH_EVERY_MS = 2000;

export interface ScalingDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
}

/**
 * Decides for a partition until the signal aborts:
 *
 *     read services ─▶ replay the last hour, to know what windows held ─▶ decide at each new sample
 *
 * @throws when the stream cannot be read, or the database cannot be asked at the start
 */
export async function runScalingPartition(
  partition: number,
  { database, bus, logger, figures }: ScalingDeps & { readonly figures: ConsumerFigures },
  signal: AbortSignal,
): Promise<void> {
  const log = logger.child({ partition });
  const since = new Date(Date.now() - REPLAY_MS);
  const wake = (agentId: string): void => bus.nats.publish(subjects.agentWake(agentId));
  const scaler = new PartitionScaler({ database, partition, wake, logger: log, signal });
  await scaler.open(since);
  const consumer = await bus.jetstream.consumers.get(LOAD_STREAM.name, {
    filter_subjects: subjects.loadOfPartition(partition),
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: since.toISOString(),
  });
  const { num_pending: pending } = await consumer.info();
  if (pending === 0) scaler.arrive();
  const messages = await consumer.consume();
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  ending.addEventListener('abort', () => messages.stop(), { once: true });
  const onError = (what: string) => (err: unknown, attempt: number) =>
    log[attempt === 1 ? 'warn' : 'debug']({ err, attempt }, what);
  const loops = [
    runPeriodically(() => scaler.refresh(), {
      intervalMs: REFRESH_EVERY_MS,
      signal: ending,
      maxBackoffMs: 5000,
      onError: onError('cannot read policies'),
    }),
    runPeriodically(() => scaler.flush(), {
      intervalMs: FLUSH_EVERY_MS,
      signal: ending,
      onError: onError('cannot write what charts show'),
    }),
  ];
  try {
    let isArrived = pending === 0;
    for await (const message of messages) {
      if (signal.aborted) return;
      // The last of what was there before is new enough to be acted on.
      if (!isArrived && message.info.pending === 0) {
        scaler.arrive();
        isArrived = true;
      }
      await handle(message, scaler, { bus, figures, logger: log });
    }
    if (!signal.aborted) throw new Error('the stream of load samples ended');
  } finally {
    ended.abort();
    await Promise.all(loops.map(({ finished }) => finished));
  }
}

async function handle(
  message: JsMsg,
  scaler: PartitionScaler,
  { bus, figures, logger }: { bus: BusConnection; figures: ConsumerFigures; logger: Logger },
): Promise<void> {
  const { subject, data, info } = message;
  const storedAt = info.timestampNanos / 1e6;
  const agentId = parseTelemetrySubject(subject);
  const parsed = parseMessage(loadMessage, data);
  if (agentId === null || !parsed.ok) {
    const reason = parsed.ok ? 'comes from no agent' : parsed.reason;
    figures.add({ deadLetters: 1 });
    logger.warn({ subject, reason }, 'a load sample cannot be read');
    await publishDeadLetter(bus.jetstream, {
      stream: LOAD_STREAM.name,
      consumer: SCALING_CONSUMER,
      subject,
      sequence: info.streamSequence,
      deliveries: info.deliveryCount,
      reason,
      body: data,
    });
    return;
  }
  const { evaluated, ignored } = await scaler.receive({ agentId, storedAt, message: parsed.value });
  figures.add({ messages: 1, rows: evaluated, refusedValues: ignored });
  figures.setLag(Date.now() - parsed.value.sampledAt);
}
