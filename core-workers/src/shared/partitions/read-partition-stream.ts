import type { BusConnection } from '@flotilla/runtime';
import { DeliverPolicy, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';

/** Asked for at once: a message may be large. */
const MESSAGES_AT_ONCE = 100;
/** A request stays open for so long; the bus says so often that it is not forgotten, and two missed words make it anew. */
const EXPIRES_MS = 5000;
const IDLE_HEARTBEAT_MS = 1000;
/** The bus forgets the consumer of a dead worker. */
const FORGOTTEN_AFTER_MS = 30_000;
/** Agents tell every 5 s: what is silent for longer is asked for anew, a partition with nothing to tell, too. */
const LONGEST_SILENCE_MS = 12_000;
const NANOS_PER_MS = 1e6;

export interface StreamReading {
  readonly stream: string;
  readonly subject: string;
  /** By when the stream took it, milliseconds since the epoch: nothing older is read. */
  readonly readFrom: number;
  /** @param storedAt when the stream took it, in milliseconds since the epoch */
  readonly onMessage: (message: JsMsg, storedAt: number) => void;
  /** Nothing was there to be read at the beginning. */
  readonly onEmpty: () => void;
}

/** Reads one partition's messages in their order. Resolves when the signal aborts, or nothing comes. @throws when the bus fails */
export async function readPartitionStream(
  reading: StreamReading,
  bus: BusConnection,
  signal: AbortSignal,
): Promise<void> {
  const opening = openStream(reading, bus);
  const opened = await unlessAborted(opening, signal);
  if (opened === null) {
    // The bus does not answer; should it still do so, nobody listens any more.
    void opening.then(({ messages }) => messages.stop()).catch(() => undefined);
    return;
  }
  const { messages, waiting } = opened;
  if (waiting === 0) reading.onEmpty();
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  // Whatever silenced it, also a stream that counts anew: begun again it hears.
  let watch = setTimeout(stop, LONGEST_SILENCE_MS);
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      clearTimeout(watch);
      watch = setTimeout(stop, LONGEST_SILENCE_MS);
      reading.onMessage(message, Math.floor(message.info.timestampNanos / NANOS_PER_MS));
    }
  } finally {
    clearTimeout(watch);
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}

/** @returns what comes, and how many messages were there already */
async function openStream(
  { stream, subject, readFrom }: StreamReading,
  bus: BusConnection,
): Promise<{ readonly messages: ConsumerMessages; readonly waiting: number }> {
  const consumer = await bus.jetstream.consumers.get(stream, {
    filter_subjects: subject,
    // By time, not by number: a stream that was made anew counts from 1 again. What comes twice is known by its time.
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(readFrom).toISOString(),
    inactive_threshold: FORGOTTEN_AFTER_MS,
  });
  const { num_pending: waiting } = await consumer.info(true);
  const messages = await consumer.consume({
    max_messages: MESSAGES_AT_ONCE,
    expires: EXPIRES_MS,
    idle_heartbeat: IDLE_HEARTBEAT_MS,
  });
  return { messages, waiting };
}

/** What the work resolves to; null when the signal aborts before. The work goes on then, and nobody hears of its failure. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const end = (): void => resolve(null);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
