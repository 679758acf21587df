import { BYTES_MAX, CORES_PERCENT_MAX, COUNT_MAX, type MetricDefinition } from './metric-definition.ts';

const bytes = { unit: 'bytes', max: BYTES_MAX } as const;
const bytesPerSecond = { unit: 'bytesPerSecond', max: BYTES_MAX } as const;
const count = { unit: 'count', max: COUNT_MAX } as const;

/** The figures of a running container, in every sample; counted as `docker stats` counts them. */
export const containerMetrics = {
  /** 100 is one core. */
  cpuPercent: { unit: 'percent', max: CORES_PERCENT_MAX },
  /** Without the page cache that the kernel can take back at once. */
  memoryBytes: bytes,
  /** Unknown for a container without a limit. */
  memoryLimitBytes: bytes,
  networkReceiveBytesPerSecond: bytesPerSecond,
  networkTransmitBytesPerSecond: bytesPerSecond,
  blockReadBytesPerSecond: bytesPerSecond,
  blockWriteBytesPerSecond: bytesPerSecond,
  pids: count,
  /** Since the container was made, by Docker's restart policy. */
  restarts: count,
  /** Since the container's present start. */
  oomKills: count,
  /** 1 healthy, 0 not (also while starting); unknown without a health check. */
  healthy: { unit: 'ratio', max: 1 },
} as const satisfies Record<string, MetricDefinition>;

export type ContainerMetric = keyof typeof containerMetrics;
export const containerMetricNames = Object.keys(containerMetrics) as ContainerMetric[];
