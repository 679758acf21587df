import { randomInt } from 'node:crypto';
import { agentInboxPrefix, subjects } from '@flotilla/contracts';
import { runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import type { CoreClock } from '../shared/core-clock.ts';
import type { LineReader } from '../shared/log-feed.ts';
import { Publisher, type PublisherStats } from '../shared/publish/publisher.ts';
import { Spool, type SpoolStats } from '../shared/spool/spool.ts';
import { planTrafficMessages } from './plan-traffic-messages.ts';
import type { RequestTopsOptions } from './request-tops.ts';
import { TrafficAggregator, type CountedTraffic, type TrafficFigures } from './traffic-aggregator.ts';

/** Of what `randomInt` gives. */
const SEEDS = 2 ** 32;
const INTERVAL_MS = 1000;

export interface TrafficDeps {
  readonly agentId: string;
  /** The spool's own folder. */
  readonly directory: string;
  readonly spoolMaxBytes: number;
  readonly findCountry: RequestTopsOptions['findCountry'];
  /** Whether all of the log has been read. */
  readonly isReadable: () => boolean;
  readonly clock: CoreClock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Traffic {
  readonly read: LineReader;
  /** The bus is there (also: again), or is gone. */
  readonly setBus: (bus: BusConnection | null) => void;
  readonly figures: () => TrafficFigures & { readonly spool: SpoolStats; readonly publisher: PublisherStats };
  /** Keeps what was counted until now, once nobody reads lines any more; then as the other spool. Does not reject. */
  readonly close: () => Promise<void>;
}

/**
 * Requests counted, to the bus; what it cannot take now is on disk until it can:
 *
 *     lines ─▶ counts by service and 5 s, top lists by minute ─▶ those that are over, each second ─▶ spool ─▶ TRAFFIC
 */
export function startTraffic(deps: TrafficDeps): Traffic {
  const { agentId, clock, logger } = deps;
  const ending = new AbortController();
  const aggregator = new TrafficAggregator({ seed: randomInt(SEEDS) | 0, findCountry: deps.findCountry });
  const spool = new Spool({ directory: deps.directory, agentId, maxBytes: deps.spoolMaxBytes, logger });
  const publisher = new Publisher({
    spool,
    subject: subjects.traffic(agentId),
    inboxPrefix: agentInboxPrefix(agentId),
    logger,
  });

  const keep = async (counted: CountedTraffic): Promise<void> => {
    if (counted.services.length + counted.tops.length === 0) return;
    await spool.open();
    const messages = planTrafficMessages(counted, Math.max(clock.now(), spool.lastSampledAt + 1));
    for (const message of messages) await spool.append(message.sampledAt, Buffer.from(JSON.stringify(message)));
    publisher.notify();
  };

  const keeping = runPeriodically(() => keep(aggregator.take(clock.now(), deps.isReadable())), {
    intervalMs: INTERVAL_MS,
    jitter: 0,
    maxBackoffMs: INTERVAL_MS,
    signal: AbortSignal.any([deps.signal, ending.signal]),
    onError: (err, failures) => {
      if (failures === 1) logger.error({ err }, 'the traffic that was counted cannot be kept; it is tried again');
    },
  });

  return {
    read: (line) => aggregator.observe(line),
    setBus: (bus) => publisher.setConnection(bus?.nats ?? null),
    figures: () => ({ ...aggregator.figures, spool: spool.stats, publisher: publisher.stats }),
    close: async () => {
      ending.abort();
      await keeping.finished;
      await keep(aggregator.takeAll()).catch((err: unknown) =>
        logger.error({ err }, 'the traffic of the last seconds is lost'),
      );
      await publisher.close();
      await spool.close();
    },
  };
}
