import { setInterval } from 'node:timers';
import { runPeriodically, LOG_KEYS, type BusConnection, type Logger, type PeriodicLoop } from '@flotilla/runtime';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { Batcher } from './batcher.ts';
import { withDefaults, type ConsumerDefinition, type ConsumerSettings } from './consumer-definition.ts';
import type { ConsumerFigures } from './consumer-figures.ts';
import { ensureConsumer } from './ensure-consumer.ts';
import { MessageHandler } from './message-handler.ts';
import { watchExhausted } from './watch-exhausted.ts';

/** How long one request for messages lives; the next one follows at once. */
const FETCH_MS = 5000;
/** Wait after the bus or the consumer failed; doubled after each failure in a row. */
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

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
 * most `maxInFlight` are in hand for each of `parallelRounds`, and what was asked for but not answered when a process dies is delivered again.
 */
export function startConsumer<Value>(definition: ConsumerDefinition<Value>, deps: ConsumerDeps): RunningConsumer {
  const settings = withDefaults(definition);
  const logger = deps.logger.child({
    [LOG_KEYS.stream]: settings.stream.name,
    [LOG_KEYS.consumer]: settings.durable,
  });
  const exhausted = watchExhausted(settings, { ...deps, logger });
  const rounds = Array.from({ length: settings.parallelRounds }, () => runRounds(settings, { ...deps, logger }));
  return {
    figures: deps.figures,
    finished: (async () => {
      await Promise.all(rounds.map((round) => round.finished));
      await exhausted.finished;
    })(),
  };
}

/** Asks for messages again and again; after a failure with growing pauses. */
function runRounds<Value>(settings: ConsumerSettings<Value>, deps: ConsumerDeps): PeriodicLoop {
  let consumer: Consumer | null = null;
  const loop = runPeriodically(
    async () => {
      consumer ??= await ensureConsumer(deps.bus, settings);
      try {
        await fetchRound(consumer, settings, deps);
      } catch (error) {
        // It may have been deleted with its stream; make it again.
        consumer = null;
        throw error;
      }
      loop.runSoon();
    },
    {
      intervalMs: PAUSE_MS,
      maxBackoffMs: LONGEST_PAUSE_MS,
      signal: deps.signal,
      onError: (err, attempt) => deps.logger.warn({ err, attempt }, 'cannot read messages'),
    },
  );
  return loop;
}

/** Asks for messages once and handles all that come. What was received is answered even when the request fails. */
async function fetchRound<Value>(
  consumer: Consumer,
  settings: ConsumerSettings<Value>,
  deps: ConsumerDeps,
): Promise<void> {
  const { signal } = deps;
  const handler = new MessageHandler({ ...deps, settings });
  const batcher = new Batcher<JsMsg>({
    maxSize: settings.maxBatchSize,
    maxAgeMs: settings.maxBatchAgeMs,
    flush: (messages) => handler.handle(messages),
  });
  const progress = setInterval(() => handler.reportProgress(), settings.ackWaitMs / 3);
  const messages = await consumer.fetch({ max_messages: settings.maxInFlight, expires: FETCH_MS });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    for await (const message of messages) {
      handler.hold(message);
      batcher.add(message);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await batcher.drain();
    clearInterval(progress);
  }
}
