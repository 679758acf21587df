import { describe, expect, it } from 'vitest';
import { planHostValues, type HostParts } from './plan-host-values.ts';
import { planRates } from './plan-rates.ts';
import type { DiskCounters } from './parse-diskstats.ts';
import { buildCounters, buildDisk, buildInterface } from './testing/build-counters.ts';

const disksAt = (monotonicMs: number, disks: Record<string, Partial<DiskCounters>>) =>
  buildCounters({
    monotonicMs,
    disks: new Map(Object.entries(disks).map(([name, counters]) => [name, buildDisk(counters)])),
  });

const valuesOf = (parts: Partial<HostParts>) =>
  planHostValues({
    gauges: {},
    rates: planRates(null, buildCounters()),
    fileSystems: [],
    temperatures: [],
    ...parts,
  });

const fileSystem = (mountPoint: string, usedPercent: number | null, canFillUp = true) => ({
  mountPoint,
  canFillUp,
  usedBytes: usedPercent,
  totalBytes: 100,
  usedPercent,
  inodesUsedPercent: usedPercent === null ? null : usedPercent / 2,
});

describe('planHostValues', () => {
  it('adds up disks, and takes the busiest for the busy time', () => {
    const rates = planRates(
      disksAt(0, { sda: { reads: 0, busyMs: 0 }, sdb: { reads: 0, busyMs: 0 } }),
      disksAt(5000, { sda: { reads: 50, busyMs: 1000 }, sdb: { reads: 25, busyMs: 4000 } }),
    );
    expect(valuesOf({ rates })).toMatchObject({
      diskReadsPerSecond: 15,
      diskBusyPercent: 80,
      diskReadBytesPerSecond: 0,
    });
  });

  it('does not take the sum of some disks for that of all', () => {
    const rates = planRates(disksAt(0, { sda: { busyMs: 0 } }), disksAt(5000, { sda: { busyMs: 1000 }, sdb: {} }));
    expect(valuesOf({ rates })).toMatchObject({ diskReadsPerSecond: null, diskBusyPercent: 20 });
  });

  it('forgets a disk that is gone', () => {
    const rates = planRates(disksAt(0, { sda: {}, sdb: {} }), disksAt(5000, { sda: {} }));
    expect(valuesOf({ rates })).toMatchObject({ diskReadsPerSecond: 0 });
  });

  it.each([
    ['without a reading before', null, 5000],
    ['of an interval that is none', 5000, 5000],
    ['of an interval backwards', 6000, 5000],
    ['of more than ten minutes', 0, 600_001],
  ])('knows no rate %s', (_, beforeMs, nowMs) => {
    const at = (monotonicMs: number) =>
      buildCounters({ monotonicMs, interfaces: new Map([['eth0', buildInterface()]]) });
    const rates = planRates(beforeMs === null ? null : at(beforeMs), at(nowMs));
    expect(valuesOf({ rates })).toMatchObject({ networkReceiveBytesPerSecond: null, networkDropsPerSecond: null });
  });

  it('does not take a host without disks for one whose disks are idle', () => {
    expect(valuesOf({})).toMatchObject({ diskReadBytesPerSecond: null, diskBusyPercent: null });
  });

  it('shows the root file system and the fullest that can fill up', () => {
    const fileSystems = [fileSystem('/', 40), fileSystem('/usr', 99, false), fileSystem('/data', 70)];
    expect(valuesOf({ fileSystems })).toMatchObject({
      filesystemUsedBytes: 40,
      filesystemTotalBytes: 100,
      filesystemFullestPercent: 70,
      filesystemInodesFullestPercent: 35,
    });
  });

  it('shows the fullest of those that answer', () => {
    expect(valuesOf({ fileSystems: [fileSystem('/', null), fileSystem('/data', 70)] })).toMatchObject({
      filesystemUsedBytes: null,
      filesystemFullestPercent: 70,
    });
  });

  it('shows the hottest sensor', () => {
    const temperatures = [
      { sensor: 'a', celsius: 40 },
      { sensor: 'b', celsius: 61.25 },
    ];
    expect(valuesOf({ temperatures }).temperatureCelsius).toBe(61.25);
  });

  it.each([
    ['above its bounds', { pressureCpuPercent: 100.5 }, { pressureCpuPercent: null }],
    ['below zero', { load1: -1 }, { load1: null }],
    ['not a number', { uptimeSeconds: NaN }, { uptimeSeconds: null }],
    ['infinite', { memoryTotalBytes: Infinity }, { memoryTotalBytes: null }],
    ['with many decimals', { load1: 0.123456 }, { load1: 0.123 }],
  ])('keeps no value %s', (_, gauges, values) => expect(valuesOf({ gauges })).toMatchObject(values));
});
