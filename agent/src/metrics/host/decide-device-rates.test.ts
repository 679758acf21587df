import { describe, expect, it } from 'vitest';
import { decideDiskRates, type DiskRates } from './decide-disk-rates.ts';
import { decideNetworkRates, type NetworkRates } from './decide-network-rates.ts';
import type { DiskCounters } from './parse-diskstats.ts';
import type { InterfaceCounters } from './parse-net-dev.ts';
import { buildDisk, buildInterface } from './testing/build-counters.ts';

const WRAP = 2 ** 32;
const INTERVAL_MS = 5000;

describe('decideDiskRates', () => {
  it('counts sectors of 512 bytes, requests and the time with work', () => {
    const after = buildDisk({ reads: 1010, readSectors: 8100, writes: 2050, writtenSectors: 32_200, busyMs: 5250 });
    expect(decideDiskRates(buildDisk(), after, INTERVAL_MS)).toEqual({
      readBytesPerSecond: (100 * 512) / 5,
      writeBytesPerSecond: (200 * 512) / 5,
      readsPerSecond: 2,
      writesPerSecond: 10,
      busyPercent: 25,
    });
  });

  it.each<[string, Partial<DiskCounters>, Partial<DiskCounters>, Partial<DiskRates>]>([
    ['a busy time of 32 bits wraps', { busyMs: WRAP - 500 }, { busyMs: 500 }, { busyPercent: 20 }],
    ['sectors of a 32-bit kernel wrap', { readSectors: WRAP - 5 }, { readSectors: 5 }, { readBytesPerSecond: 1024 }],
    ['a long request ends: all of the interval', { busyMs: 0 }, { busyMs: 60_000 }, { busyPercent: 100 }],
    [
      'the disk began anew',
      { reads: 900_000, busyMs: WRAP - 500, readSectors: WRAP - 5 },
      { reads: 10, busyMs: 500, readSectors: 5 },
      { readsPerSecond: null, readBytesPerSecond: null, busyPercent: null },
    ],
  ])('%s', (_, before, after, rates) =>
    expect(decideDiskRates(buildDisk(before), buildDisk(after), INTERVAL_MS)).toMatchObject(rates),
  );

  it('knows nothing of a disk that was just plugged in', () => {
    expect(Object.values(decideDiskRates(undefined, buildDisk(), INTERVAL_MS))).toEqual(Array(5).fill(null));
  });
});

describe('decideNetworkRates', () => {
  it.each<[string, Partial<InterfaceCounters>, Partial<InterfaceCounters>, Partial<NetworkRates>]>([
    [
      'bytes',
      { receivedBytes: 0 },
      { receivedBytes: 5000 },
      { receiveBytesPerSecond: 1000, transmitBytesPerSecond: 0 },
    ],
    ['errors and drops', { errors: 0, drops: 0 }, { errors: 5, drops: 10 }, { errorsPerSecond: 1, dropsPerSecond: 2 }],
    ['bytes of 32 bits wrap', { receivedBytes: WRAP - 100 }, { receivedBytes: 900 }, { receiveBytesPerSecond: 200 }],
    [
      'the driver was loaded anew',
      { receivedBytes: WRAP - 100, receivedPackets: 4_000_000, drops: 9 },
      { receivedBytes: 900, receivedPackets: 3, drops: 0 },
      { receiveBytesPerSecond: null, dropsPerSecond: null },
    ],
  ])('%s', (_, before, after, rates) =>
    expect(decideNetworkRates(buildInterface(before), buildInterface(after), INTERVAL_MS)).toMatchObject(rates),
  );

  it('knows nothing of an interface that is new', () => {
    expect(Object.values(decideNetworkRates(undefined, buildInterface(), INTERVAL_MS))).toEqual(Array(4).fill(null));
  });
});
