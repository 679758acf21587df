import type { ContainerMetric, MetricValue, ObservedContainer } from '@flotilla/contracts';
import { decideIncrease, decideIntervalMs, decideRatePerSecond } from '../host/decide-rate.ts';
import type { ContainerCounters } from './read-container-counters.ts';

const NANOSECONDS_PER_SECOND = 1e9;
const PERCENT = 100;

/** A reading, and by which clock. */
export interface TimedCounters {
  readonly monotonicMs: number;
  readonly counters: ContainerCounters;
}

export interface ContainerState {
  readonly restarts: number | null;
  readonly health: ObservedContainer['health'];
}

/** A container's figures; rates are unknown in the first reading, and when a counter began anew. */
export function planContainerValues(
  previous: TimedCounters | null,
  { monotonicMs, counters }: TimedCounters,
  { restarts, health }: ContainerState,
): Record<ContainerMetric, MetricValue> {
  const intervalMs = previous === null ? null : decideIntervalMs(previous.monotonicMs, monotonicMs);
  const rate = (pick: (counters: ContainerCounters) => number | null | undefined, unit = 1): MetricValue => {
    const [before, now] = [previous === null ? null : pick(previous.counters), pick(counters)];
    if (intervalMs === null || before === null || before === undefined || now === null || now === undefined)
      return null;
    return decideRatePerSecond(decideIncrease(before, now), intervalMs, unit);
  };
  return {
    cpuPercent: rate(({ cpuNanoseconds }) => cpuNanoseconds, PERCENT / NANOSECONDS_PER_SECOND),
    memoryBytes: counters.memoryBytes,
    memoryLimitBytes: counters.memoryLimitBytes,
    networkReceiveBytesPerSecond: rate(({ network }) => network?.receivedBytes),
    networkTransmitBytesPerSecond: rate(({ network }) => network?.transmittedBytes),
    blockReadBytesPerSecond: rate(({ block }) => block?.readBytes),
    blockWriteBytesPerSecond: rate(({ block }) => block?.writtenBytes),
    pids: counters.pids,
    restarts,
    oomKills: counters.oomKills,
    healthy: health === null ? null : Number(health === 'healthy'),
  };
}
