import { containerMetricNames, type HostMetric, type MetricsMessage, type MetricValue } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import type { CoreClock } from '../../shared/core-clock.ts';
import type { ContainerReading } from '../containers/container-reading.ts';
import type { Spool } from '../../shared/spool/spool.ts';
import { chooseSampledAt } from './choose-sampled-at.ts';
import { createOwnUsageReader } from './own-usage.ts';
import { planMessages } from './plan-messages.ts';

/** So long the first samples wait to learn the Core's time, unless the Core is away. */
const CLOCK_WAIT_MS = 10_000;

interface Moment {
  /** By a clock that nobody sets. */
  readonly monotonicMs: number;
}

/** Where figures come from. A source that fails, or is not there, is left out of the sample. */
export interface MetricSources {
  readonly readHost: (at: Moment) => Promise<{
    readonly values: Partial<Record<HostMetric, MetricValue>>;
    readonly series: readonly (readonly [name: string, value: number])[];
  }>;
  /** Null while Docker is away: unknown, which is not "no containers". */
  readonly readContainers?: (at: Moment) => Promise<readonly ContainerReading[] | null>;
  /** Figures of applications that came since the call before. */
  readonly readSeries?: (at: Moment) => Promise<NonNullable<MetricsMessage['series']>>;
}

export interface SamplerOptions {
  readonly sources: MetricSources;
  readonly spool: Pick<Spool, 'open' | 'append' | 'stats' | 'lastSampledAt'>;
  readonly clock: CoreClock;
  readonly logger: Logger;
  /** There is something new in the spool. */
  readonly onSpooled: () => void;
}

export interface Sampler {
  /** Reads all sources at once, writes the sample to the spool. */
  readonly take: () => Promise<void>;
  /** How long the newest sample took to collect; null before the first. */
  readonly lastDurationMs: () => number | null;
}

export function createSampler({ sources, spool, clock, logger, onSpooled }: SamplerOptions): Sampler {
  const startedAtMs = performance.now();
  const readOwnUsage = createOwnUsageReader();
  const failing = new Set<string>();
  let lastDurationMs: number | null = null;
  let hasToldOfLeft = false;

  const read = async <Value>(source: string, reading: Promise<Value> | undefined, otherwise: Value): Promise<Value> => {
    try {
      const value = await reading;
      failing.delete(source);
      return value ?? otherwise;
    } catch (err) {
      if (!failing.has(source)) logger.error({ err, source }, 'a source of figures fails; samples do without it');
      failing.add(source);
      return otherwise;
    }
  };

  const collect = async (): Promise<Omit<MetricsMessage, 'sampledAt' | 'clockOffsetMs'>> => {
    const at = { monotonicMs: performance.now() };
    const [host, containers, series] = await Promise.all([
      read('host', sources.readHost(at), { values: {}, series: [] }),
      read('containers', sources.readContainers?.(at), null),
      read('series', sources.readSeries?.(at), []),
    ]);
    lastDurationMs = Math.round((performance.now() - at.monotonicMs) * 10) / 10;
    const { waiting, droppedSamples } = spool.stats;
    const own = {
      spoolBytes: waiting?.bytes ?? null,
      spoolDroppedSamples: droppedSamples,
      ...readOwnUsage(at.monotonicMs),
      sampleDurationMs: lastDurationMs,
    };
    const hostSeries = host.series.map(([name, value]) => [null, name, value] as const);
    return {
      host: { ...host.values, ...own },
      ...(containers === null ? {} : { containers: formatContainers(containers) }),
      ...(hostSeries.length + series.length === 0 ? {} : { series: [...hostSeries, ...series] }),
    };
  };

  return {
    lastDurationMs: () => lastDurationMs,
    take: async () => {
      await spool.open();
      // Of the beginning: how long Docker takes to answer must not show in the distance between samples.
      const [nowMs, clockOffsetMs] = [clock.now(), clock.offsetMs()];
      // Also while the time is not known: rates need a reading to begin from.
      const sample = await collect();
      if (clockOffsetMs === null && performance.now() - startedAtMs < CLOCK_WAIT_MS) return;
      const sampledAt = chooseSampledAt({ nowMs, lastMs: spool.lastSampledAt });
      if (sampledAt === null) return;
      const { bodies, left } = planMessages({ sampledAt, clockOffsetMs, ...sample });
      if (left > 0 && !hasToldOfLeft) {
        hasToldOfLeft = true;
        logger.warn({ left }, 'this host has more containers or series than the Core stores; the last are left out');
      }
      for (const body of bodies) await spool.append(sampledAt, body);
      onSpooled();
    },
  };
}

/** Rows under one list of names. */
function formatContainers(containers: readonly ContainerReading[]): NonNullable<MetricsMessage['containers']> {
  return {
    metrics: containerMetricNames,
    rows: containers.map(({ id, name, values }) => [
      id,
      name,
      ...containerMetricNames.map((metric) => values[metric] ?? null),
    ]),
  };
}
