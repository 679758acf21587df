import { BYTES_MAX, type MetricValue } from '@flotilla/contracts';
import { formatSeriesName } from './format-series-name.ts';
import { roundValue, type HostParts } from './plan-host-values.ts';

export type HostSeries = readonly (readonly [name: string, value: number])[];

/** Of one host; beyond it are the cores with the highest numbers, which stand last. */
export const MAX_HOST_SERIES = 512;

export interface SeriesPlan {
  readonly series: HostSeries;
  /** How many there was no room for. */
  readonly left: number;
}

/**
 * Each device by itself, in the order disks, interfaces, file systems, sensors, cores, each as the kernel lists them. What
 * is unknown has no entry.
 */
export function planSeries({ rates, fileSystems, temperatures }: Omit<HostParts, 'gauges'>): SeriesPlan {
  const found: [string, number][] = [];
  const add = (kind: string, which: string, figures: Readonly<Record<string, MetricValue>>): void => {
    for (const [figure, value] of Object.entries(figures)) {
      const name = formatSeriesName(kind, which, figure);
      if (name !== null && value !== null && value >= 0 && value <= BYTES_MAX) found.push([name, roundValue(value)]);
    }
  };
  for (const [name, { readBytesPerSecond, writeBytesPerSecond, busyPercent }] of rates.disks) {
    add('disk', name, { readBytesPerSecond, writeBytesPerSecond, busyPercent });
  }
  for (const [name, { receiveBytesPerSecond, transmitBytesPerSecond }] of rates.interfaces) {
    add('network', name, { receiveBytesPerSecond, transmitBytesPerSecond });
  }
  for (const { mountPoint, usedBytes, totalBytes, usedPercent } of fileSystems) {
    add('filesystem', mountPoint, { usedBytes, totalBytes, usedPercent });
  }
  for (const { sensor, celsius } of temperatures) add('temperature', sensor, { celsius });
  for (const [core, cpuPercent] of rates.cores) add('core', String(core), { cpuPercent });
  return { series: found.slice(0, MAX_HOST_SERIES), left: Math.max(0, found.length - MAX_HOST_SERIES) };
}
