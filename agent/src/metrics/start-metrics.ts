import { agentInboxPrefix, subjects } from '@flotilla/contracts';
import type { BusConnection, Logger } from '@flotilla/runtime';
import type { CoreClock } from '../shared/core-clock.ts';
import { Publisher, type PublisherStats } from '../shared/publish/publisher.ts';
import { runSampling } from './sampling/run-sampling.ts';
import { createSampler, type MetricSources } from './sampling/sampler.ts';
import { Spool, type SpoolStats } from '../shared/spool/spool.ts';

export interface MetricsDeps {
  readonly agentId: string;
  /** The spool's own folder. */
  readonly directory: string;
  readonly spoolMaxBytes: number;
  readonly sampleIntervalMs: number;
  readonly sources: MetricSources;
  readonly clock: CoreClock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Metrics {
  /** The bus is there (also: again), or is gone. */
  readonly setBus: (bus: BusConnection | null) => void;
  readonly figures: () => MetricsFigures;
  /** Waits for the sample in progress and for answers on their way, both bounded, then closes the spool. Does not reject. */
  readonly close: () => Promise<void>;
}

/** How the pipeline does, for `/metrics`. */
export interface MetricsFigures {
  readonly spool: SpoolStats;
  readonly publisher: PublisherStats;
  readonly isBusConnected: boolean;
  readonly sampleDurationMs: number | null;
}

/**
 * From figures to the bus; it needs neither the Core nor the bus to begin, and nobody waits for it:
 *
 *     every 5 s: host, containers, applications ─▶ sample ─▶ spool, on disk ─▶ publisher ─▶ METRICS
 *                                                              ▲ drops the oldest when full, counts it
 */
export function startMetrics(deps: MetricsDeps): Metrics {
  const { agentId, clock, logger } = deps;
  const ending = new AbortController();
  const spool = new Spool({ directory: deps.directory, agentId, maxBytes: deps.spoolMaxBytes, logger });
  const publisher = new Publisher({
    spool,
    subject: subjects.metrics(agentId),
    inboxPrefix: agentInboxPrefix(agentId),
    logger,
  });
  const sampler = createSampler({ sources: deps.sources, spool, clock, logger, onSpooled: () => publisher.notify() });
  const sampling = runSampling({
    agentId,
    intervalMs: deps.sampleIntervalMs,
    now: clock.now,
    takeSample: sampler.take,
    logger,
    signal: AbortSignal.any([deps.signal, ending.signal]),
  });

  return {
    setBus: (bus) => publisher.setConnection(bus?.nats ?? null),
    figures: () => ({
      spool: spool.stats,
      publisher: publisher.stats,
      isBusConnected: publisher.isConnected,
      sampleDurationMs: sampler.lastDurationMs(),
    }),
    close: async () => {
      ending.abort();
      await Promise.all([sampling, publisher.close()]);
      await spool.close();
    },
  };
}
