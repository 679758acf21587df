import type { MetricsMessage } from '@flotilla/contracts';
import { runPeriodically, type Logger } from '@flotilla/runtime';
import PQueue from 'p-queue';
import type { PolledContainer } from './choose-container-port.ts';
import { chooseKeptSeries } from './choose-kept-series.ts';
import { EndpointReadings } from './endpoint-readings.ts';
import { planEndpoints, type PolledSite } from './plan-endpoints.ts';

const INTERVAL_MS = 15_000;
/** Each may hold an answer of 1 MiB in memory. */
const MAX_READINGS_IN_FLIGHT = 8;
/** What has not begun by then waits for the next round: endpoints that hang must not delay the others' next reading. */
const ROUND_SHARE = 0.8;

export interface CustomMetricsDeps {
  readonly listSites: () => readonly PolledSite[];
  /** Null while Docker cannot be asked. */
  readonly listContainers: () => readonly PolledContainer[] | null;
  readonly logger: Logger;
  /** Ends everything, readings on their way included. */
  readonly signal: AbortSignal;
  /** Default 15 s. */
  readonly intervalMs?: number;
}

export interface CustomMetrics {
  /** Series that came since the call before: each value is in one sample. */
  readonly readSeries: () => Promise<NonNullable<MetricsMessage['series']>>;
  /** What a container told last, taken or not; empty when it tells nothing, or its endpoint fails. */
  readonly readLatest: (containerId: string) => readonly (readonly [name: string, value: number])[];
  readonly figures: () => CustomMetricsFigures;
  /** Resolves when the signal has aborted and nothing is on its way any more. */
  readonly finished: Promise<void>;
}

/** How it does, for `/metrics`. */
export interface CustomMetricsFigures {
  readonly endpoints: number;
  readonly failingEndpoints: number;
  /** What is asked for and is no container's endpoint. */
  readonly problems: number;
  readonly readings: number;
  readonly failedReadings: number;
  /** Of the latest readings: kept, and left out. */
  readonly series: number;
  readonly leftSeries: number;
}

/**
 * Figures of applications, from their containers:
 *
 *     services, labels ─▶ plan ─▶ every 15 s: ask each container ─▶ parse ─▶ held until the next sample takes it
 *
 * Whatever fails is a gap, counted, and said once.
 */
export function startCustomMetrics(deps: CustomMetricsDeps): CustomMetrics {
  const { listSites, listContainers, logger, signal, intervalMs = INTERVAL_MS } = deps;
  const queue = new PQueue({ concurrency: MAX_READINGS_IN_FLIGHT });
  const readings = new EndpointReadings(deps);
  let problemCount = 0;

  const plan = (): void => {
    const containers = listContainers();
    if (containers === null) return readings.pause();
    const { endpoints, problems } = planEndpoints(listSites(), containers);
    problemCount = problems.length;
    readings.replacePlan(endpoints, problems);
  };

  const runRound = async (): Promise<void> => {
    const startedAtMs = performance.now();
    const passedMs = (): number => performance.now() - startedAtMs;
    plan();
    await queue.addAll(
      readings.listByUrgency().map((endpoint) => async () => {
        if (!signal.aborted && passedMs() < intervalMs * ROUND_SHARE) await readings.read(endpoint);
      }),
    );
    // The wait begins when a round ends, and rounds are to begin at their interval.
    loop.setIntervalMs(Math.max(intervalMs * (1 - ROUND_SHARE), intervalMs - passedMs()));
  };

  const loop = runPeriodically(runRound, {
    intervalMs,
    signal,
    onError: (err) => logger.error({ err }, 'custom metrics could not be read; they are tried again'),
  });

  return {
    readSeries: async () => {
      const { fresh } = chooseKeptSeries(readings.held);
      readings.markTaken();
      return fresh;
    },
    readLatest: (containerId) =>
      readings.held.flatMap((one) => (one.containerId === containerId ? one.reading.series : [])),
    figures: () => {
      const { kept, left } = chooseKeptSeries(readings.held);
      return {
        endpoints: readings.endpoints.length,
        failingEndpoints: readings.failingEndpoints,
        problems: problemCount,
        readings: readings.readings,
        failedReadings: readings.failedReadings,
        series: kept,
        leftSeries: left,
      };
    },
    finished: loop.finished,
  };
}
