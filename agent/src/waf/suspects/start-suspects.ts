import { randomInt } from 'node:crypto';
import { subjects } from '@flotilla/contracts';
import type { BusConnection, Logger } from '@flotilla/runtime';
import { chooseNextTime } from '../../shared/choose-next-time.ts';
import type { CoreClock } from '../../shared/core-clock.ts';
import type { FindCountry } from '../../shared/country-finder.ts';
import { TelemetryPublisher, type TelemetryStats } from '../../shared/telemetry-publisher.ts';
import type { LineReader } from '../../shared/log-feed.ts';
import { planSuspectsMessages } from './plan-suspects-messages.ts';
import { SuspectWatch, type SuspectFigures } from './suspect-watch.ts';

/** Of what `randomInt` gives. */
const SEEDS = 2 ** 32;
/** What is suspicious is told so soon, and what comes meanwhile with it. */
const URGENT_MS = 20;
/** From one message about suspicious requests to the next. */
const PAUSE_MS = 250;
/** Volumes alone can wait. */
const LAZY_MS = 1000;
const ANSWER_WITHIN_MS = 5000;

export interface SuspectsDeps {
  readonly agentId: string;
  readonly clock: CoreClock;
  readonly findCountry: FindCountry;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Suspects {
  readonly read: LineReader;
  /** The bus is there (also: again), or is gone. */
  readonly setBus: (bus: BusConnection | null) => void;
  readonly figures: () => SuspectFigures & TelemetryStats;
}

/**
 * Tells the workers of clients that do something suspicious:
 *
 *     line ─▶ judged ─▶ tally of its client ─▶ at once, then four times a second at most ─▶ a message for each partition ─▶ SUSPECTS
 *
 * While the bus is away tallies grow, as many as there is room for.
 */
export function startSuspects({ agentId, clock, findCountry, logger, signal }: SuspectsDeps): Suspects {
  const watch = new SuspectWatch(randomInt(SEEDS), findCountry);
  const publisher = new TelemetryPublisher({ agentId, what: 'suspects', answerWithinMs: ANSWER_WITHIN_MS, logger });
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = Infinity;
  let toldAtMs = -Infinity;
  let lastMs = 0;

  const tell = (): void => {
    dueAtMs = Infinity;
    if (!publisher.isConnected || watch.isEmpty) return;
    toldAtMs = performance.now();
    const sampledAt = chooseNextTime(clock.now(), lastMs);
    const { suspects, node } = watch.take(agentId, sampledAt);
    const { ordinaryRequests, clients } = node;
    const messages = planSuspectsMessages(suspects, { ordinaryRequests, clients }, sampledAt);
    lastMs = messages.at(-1)?.message.sampledAt ?? lastMs;
    publisher.publish(
      messages.map(({ partition, message }) => ({ subject: subjects.suspects(partition, agentId), body: message })),
    );
  };

  const schedule = (waitMs: number): void => {
    const atMs = performance.now() + waitMs;
    if (signal.aborted || atMs >= dueAtMs) return;
    clearTimeout(timer);
    dueAtMs = atMs;
    timer = setTimeout(tell, waitMs).unref();
  };

  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer);
      publisher.setConnection(null);
    },
    { once: true },
  );

  return {
    read: (line) => {
      const isNews = watch.observe(line);
      if (isNews === null) return;
      const pauseMs = Math.max(URGENT_MS, toldAtMs + PAUSE_MS - performance.now());
      schedule(isNews === 'suspicious' ? pauseMs : LAZY_MS);
    },
    setBus: (bus) => {
      publisher.setConnection(bus?.nats ?? null);
      if (bus !== null && !watch.isEmpty) schedule(URGENT_MS);
    },
    figures: () => ({ ...watch.figures, ...publisher.stats }),
  };
}
