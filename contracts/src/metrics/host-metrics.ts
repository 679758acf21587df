import { BYTES_MAX, COUNT_MAX, PERCENT_MAX, type MetricDefinition } from './metric-definition.ts';

const percent = { unit: 'percent', max: PERCENT_MAX } as const;
const bytes = { unit: 'bytes', max: BYTES_MAX } as const;
const bytesPerSecond = { unit: 'bytesPerSecond', max: BYTES_MAX } as const;
const perSecond = { unit: 'perSecond', max: COUNT_MAX } as const;
const count = { unit: 'count', max: COUNT_MAX } as const;

/**
 * The figures of a host, in every sample. One list: messages, table columns (in snake case), API names and charts follow
 * from it. What a host has several of (cores, disks, interfaces, file systems) is here as a whole; each one by itself is a
 * series (`host.core.0.cpuPercent`).
 */
export const hostMetrics = {
  /** Share of all cores' time that was not idle; the modes below are parts of it. */
  cpuPercent: percent,
  cpuUserPercent: percent,
  cpuSystemPercent: percent,
  cpuIowaitPercent: percent,
  cpuStealPercent: percent,
  load1: { unit: 'ratio', max: COUNT_MAX },
  load5: { unit: 'ratio', max: COUNT_MAX },
  load15: { unit: 'ratio', max: COUNT_MAX },
  /** Total less what the kernel calls available. */
  memoryUsedBytes: bytes,
  memoryTotalBytes: bytes,
  swapUsedBytes: bytes,
  swapTotalBytes: bytes,
  /** All physical disks together. */
  diskReadBytesPerSecond: bytesPerSecond,
  diskWriteBytesPerSecond: bytesPerSecond,
  diskReadsPerSecond: perSecond,
  diskWritesPerSecond: perSecond,
  /** Share of the interval in which the busiest disk had work. */
  diskBusyPercent: percent,
  /** All physical interfaces together. */
  networkReceiveBytesPerSecond: bytesPerSecond,
  networkTransmitBytesPerSecond: bytesPerSecond,
  networkErrorsPerSecond: perSecond,
  networkDropsPerSecond: perSecond,
  /** The root file system. */
  filesystemUsedBytes: bytes,
  filesystemTotalBytes: bytes,
  /** The fullest of all file systems, by bytes and by inodes. */
  filesystemFullestPercent: percent,
  filesystemInodesFullestPercent: percent,
  /** Pressure stall information, `some avg10`: share of time in which at least one task waited. */
  pressureCpuPercent: percent,
  pressureMemoryPercent: percent,
  pressureIoPercent: percent,
  /** The hottest sensor. */
  temperatureCelsius: { unit: 'celsius', max: 200 },
  uptimeSeconds: { unit: 'seconds', max: COUNT_MAX },
  /** The agent's own figures: what waits on its disk, and what it had to drop since it was installed. */
  spoolBytes: bytes,
  spoolDroppedSamples: count,
  agentCpuPercent: percent,
  agentMemoryBytes: bytes,
  /** How long the sample took to collect. */
  sampleDurationMs: { unit: 'milliseconds', max: COUNT_MAX },
} as const satisfies Record<string, MetricDefinition>;

export type HostMetric = keyof typeof hostMetrics;
export const hostMetricNames = Object.keys(hostMetrics) as HostMetric[];
