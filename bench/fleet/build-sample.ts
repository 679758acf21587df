import {
  containerMetricNames,
  containerMetrics,
  hostMetricNames,
  hostMetrics,
  type MetricsMessage,
} from '@flotilla/contracts';
import { createHash } from 'node:crypto';

/** Docker ids of a simulated agent's containers: made up, but the same at each start. */
export function buildContainerIds(agentId: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => createHash('sha256').update(`${agentId} ${index}`).digest('hex'));
}

/** A sample with every figure of the host and of each container, at random values that can be true. */
export function buildSample(containerIds: readonly string[], sampledAt: number): MetricsMessage {
  const randomValue = (max: number): number => Math.round(Math.random() * Math.min(max, 1e9) * 100) / 100;
  return {
    sampledAt,
    clockOffsetMs: 0,
    host: Object.fromEntries(hostMetricNames.map((name) => [name, randomValue(hostMetrics[name].max)])),
    containers: {
      metrics: containerMetricNames,
      rows: containerIds.map((id, index) => [
        id,
        `container-${index}`,
        ...containerMetricNames.map((name) => randomValue(containerMetrics[name].max)),
      ]),
    },
  };
}
