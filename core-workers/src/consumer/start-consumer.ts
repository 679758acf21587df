import { setInterval } from 'node:timers';
import { runPeriodically, LOG_KEYS, type BusConnection, type Logger, type PeriodicLoop } from '@flotilla/runtime';
import { Batcher } from './batcher.ts';
import { withDefaults, type ConsumerDefinition, type ConsumerSettings } from './consumer-definition.ts';
import type { ConsumerFigures } from './consumer-figures.ts';
import { ensureConsumer } from './ensure-consumer.ts';
import { MessageHandler, type ReceivedMessage } from './message-handler.ts';
import { PullRequests } from './pull-requests.ts';
import { watchExhausted } from './watch-exhausted.ts';

/** Wait after the bus or the consumer failed; doubled after each failure in a row. */
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** More is asked for once this share of what may be in hand is free: small requests cost as much as large ones. */
const ROOM_SHARE = 1 / 4;

export interface ConsumerDeps {
  readonly bus: BusConnection;
  readonly logger: Logger;
  /** Ends the consumer: no more messages are asked for, and those in hand are answered. */
  readonly signal: AbortSignal;
  readonly figures: ConsumerFigures;
}

export interface RunningConsumer {
  /** Resolves once the signal has aborted and every message in hand is answered. */
  readonly finished: Promise<void>;
  readonly figures: ConsumerFigures;
}

/**
 * Runs a durable pull consumer until the signal aborts. Messages are acknowledged after `handle` has committed them, at
 * most `maxInFlight` of `maxBytesInFlight` are in hand, and what was asked for but not answered when a process dies is
 * delivered again.
 */
export function startConsumer<Value>(definition: ConsumerDefinition<Value>, deps: ConsumerDeps): RunningConsumer {
  const settings = withDefaults(definition);
  const logger = deps.logger.child({
    [LOG_KEYS.stream]: settings.stream.name,
    [LOG_KEYS.consumer]: settings.durable,
  });
  const exhausted = watchExhausted(settings, { ...deps, logger });
  const handler = new MessageHandler({ ...deps, logger, settings });
  const batcher = new Batcher<ReceivedMessage<Value>>({
    maxSize: settings.maxBatchSize,
    maxAgeMs: settings.maxBatchAgeMs,
    maxFlushes: settings.parallelBatches,
    flush: (messages) => handler.handle(messages),
  });
  const pulls = runPulls(settings, { ...deps, logger, handler, batcher });
  const progress = setInterval(() => handler.reportProgress(), settings.ackWaitMs / 3);
  return {
    figures: deps.figures,
    finished: (async () => {
      await pulls.finished;
      await batcher.drain();
      clearInterval(progress);
      await exhausted.finished;
    })(),
  };
}

interface PullDeps<Value> extends ConsumerDeps {
  readonly handler: MessageHandler<Value>;
  readonly batcher: Batcher<ReceivedMessage<Value>>;
}

/** Asks for messages until the signal aborts; after a failure again, with growing pauses. */
function runPulls<Value>(settings: ConsumerSettings<Value>, deps: PullDeps<Value>): PeriodicLoop {
  return runPeriodically(
    async () => {
      // It may have been deleted with its stream; then it is made again.
      await ensureConsumer(deps.bus, settings);
      await pullUntilFailure(settings, deps);
    },
    {
      intervalMs: PAUSE_MS,
      maxBackoffMs: LONGEST_PAUSE_MS,
      signal: deps.signal,
      onError: (err, attempt) => deps.logger.warn({ err, attempt }, 'cannot read messages'),
    },
  );
}

/**
 * Resolves when the signal aborts, or at a failure after it has worked: that one is the first in a row, however many there
 * were in the days before. What was received stays in hand.
 * @throws Error for a failure before anything was answered
 */
async function pullUntilFailure<Value>(
  { stream, durable, maxInFlight, maxBytesInFlight }: ConsumerSettings<Value>,
  { bus, handler, batcher, signal, logger }: PullDeps<Value>,
): Promise<void> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  let hasWorked = false;
  const askForMore = (): void => {
    const messages = maxInFlight - handler.held.messages;
    const bytes = maxBytesInFlight - handler.held.bytes;
    const hasRoom = messages >= maxInFlight * ROOM_SHARE && bytes >= maxBytesInFlight * ROOM_SHARE;
    if (requests.isOpen || signal.aborted) return;
    if (hasRoom) requests.request(messages, bytes);
    // Nobody else comes that a batch could wait for.
    else batcher.flushSoon();
  };
  const requests = new PullRequests({
    nats: bus.nats,
    stream: stream.name,
    durable,
    onMessage: (message, body) => {
      hasWorked = true;
      batcher.add(handler.receive(message, body));
    },
    onEnd: ({ isNextTooLarge }) => {
      hasWorked = true;
      if (!isNextTooLarge) askForMore();
      // One that is larger than all that may be in hand comes alone; otherwise it would be waited for without end.
      else if (handler.held.messages === 0 && !signal.aborted) requests.request(1, null);
      else batcher.flushSoon();
    },
    onFailure: reject,
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  handler.onAnswered = askForMore;
  try {
    askForMore();
    await ended;
  } catch (err) {
    if (!hasWorked) throw err;
    logger.warn({ err, attempt: 1 }, 'cannot read messages');
  } finally {
    signal.removeEventListener('abort', stop);
    handler.onAnswered = null;
    requests.close();
  }
}
