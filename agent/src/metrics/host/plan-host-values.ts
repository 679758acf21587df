import { hostMetricNames, hostMetrics, type HostMetric, type MetricValue } from '@flotilla/contracts';
import type { Rates } from './plan-rates.ts';
import type { FileSystemReading } from './read-file-systems.ts';
import type { HostValues } from './read-gauges.ts';
import type { Temperature } from './read-temperatures.ts';

export interface HostParts {
  readonly gauges: HostValues;
  readonly rates: Rates;
  /** The root first. */
  readonly fileSystems: readonly FileSystemReading[];
  readonly temperatures: readonly Temperature[];
}

/** The host's fixed figures: each that is known of several devices, as one. */
export function planHostValues({ gauges, rates, fileSystems, temperatures }: HostParts): HostValues {
  const disks = rates.disks.map(([, disk]) => disk);
  const interfaces = rates.interfaces.map(([, network]) => network);
  const root = fileSystems.find(({ mountPoint }) => mountPoint === '/');
  const canFillUp = fileSystems.filter((fileSystem) => fileSystem.canFillUp);
  return keepPlausible({
    ...gauges,
    ...rates.cpu,
    diskReadBytesPerSecond: sum(disks.map((disk) => disk.readBytesPerSecond)),
    diskWriteBytesPerSecond: sum(disks.map((disk) => disk.writeBytesPerSecond)),
    diskReadsPerSecond: sum(disks.map((disk) => disk.readsPerSecond)),
    diskWritesPerSecond: sum(disks.map((disk) => disk.writesPerSecond)),
    diskBusyPercent: largest(disks.map((disk) => disk.busyPercent)),
    networkReceiveBytesPerSecond: sum(interfaces.map((network) => network.receiveBytesPerSecond)),
    networkTransmitBytesPerSecond: sum(interfaces.map((network) => network.transmitBytesPerSecond)),
    networkErrorsPerSecond: sum(interfaces.map((network) => network.errorsPerSecond)),
    networkDropsPerSecond: sum(interfaces.map((network) => network.dropsPerSecond)),
    filesystemUsedBytes: root?.usedBytes ?? null,
    filesystemTotalBytes: root?.totalBytes ?? null,
    filesystemFullestPercent: largest(canFillUp.map((fileSystem) => fileSystem.usedPercent)),
    filesystemInodesFullestPercent: largest(canFillUp.map((fileSystem) => fileSystem.inodesUsedPercent)),
    temperatureCelsius: largest(temperatures.map(({ celsius }) => celsius)),
  });
}

/** Unknown as soon as a part is: the sum of the others would look like a drop. */
function sum(values: readonly MetricValue[]): MetricValue {
  const known = values.filter((value) => value !== null);
  return known.length > 0 && known.length === values.length ? known.reduce((total, value) => total + value, 0) : null;
}

/** Of those that are known: a disk that does not answer must not hide one that is full. */
function largest(values: readonly MetricValue[]): MetricValue {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

/** What cannot be true is unknown. */
function keepPlausible(values: HostValues): HostValues {
  const plausible: HostValues = {};
  for (const name of hostMetricNames) {
    const value = values[name];
    if (value !== undefined) plausible[name] = isPlausible(name, value) ? roundValue(value) : null;
  }
  return plausible;
}

function isPlausible(name: HostMetric, value: MetricValue): value is number {
  return value !== null && value >= 0 && value <= hostMetrics[name].max;
}

/** Three decimals: more are noise that every message would carry. */
export function roundValue(value: number): number {
  return Math.round(value * 1000) / 1000;
}
