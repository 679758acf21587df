import type { MetricValue } from '@flotilla/contracts';
import { decideIncrease, decideRatePerSecond, decideWrappingIncrease } from './decide-rate.ts';
import type { DiskCounters } from './parse-diskstats.ts';

export interface DiskRates {
  readonly readBytesPerSecond: MetricValue;
  readonly writeBytesPerSecond: MetricValue;
  readonly readsPerSecond: MetricValue;
  readonly writesPerSecond: MetricValue;
  /** Share of the interval in which the disk had work. */
  readonly busyPercent: MetricValue;
}

const UNKNOWN: DiskRates = {
  readBytesPerSecond: null,
  writeBytesPerSecond: null,
  readsPerSecond: null,
  writesPerSecond: null,
  busyPercent: null,
};

const SECTOR_BYTES = 512;

/** @param previous undefined for a disk that was not there */
export function decideDiskRates(
  previous: DiskCounters | undefined,
  current: DiskCounters,
  intervalMs: number,
): DiskRates {
  if (previous === undefined) return UNKNOWN;
  const reads = decideIncrease(previous.reads, current.reads);
  const writes = decideIncrease(previous.writes, current.writes);
  const readSectors = decideWrappingIncrease(previous.readSectors, current.readSectors, reads !== null);
  const writtenSectors = decideWrappingIncrease(previous.writtenSectors, current.writtenSectors, writes !== null);
  const busyMs = decideWrappingIncrease(previous.busyMs, current.busyMs, reads !== null && writes !== null);
  return {
    readBytesPerSecond: decideRatePerSecond(readSectors, intervalMs, SECTOR_BYTES),
    writeBytesPerSecond: decideRatePerSecond(writtenSectors, intervalMs, SECTOR_BYTES),
    readsPerSecond: decideRatePerSecond(reads, intervalMs),
    writesPerSecond: decideRatePerSecond(writes, intervalMs),
    // A request that took a minute is counted when it ends: the disk was busy for the whole of this interval.
    busyPercent: busyMs === null ? null : Math.min(100, (busyMs / intervalMs) * 100),
  };
}
