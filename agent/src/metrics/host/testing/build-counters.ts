import type { DiskCounters } from '../parse-diskstats.ts';
import type { InterfaceCounters } from '../parse-net-dev.ts';
import type { CpuTimes } from '../parse-proc-stat.ts';
import type { Counters } from '../plan-rates.ts';

export function buildCpuTimes(times: Partial<CpuTimes> = {}): CpuTimes {
  return { user: 1000, system: 500, idle: 8000, iowait: 200, steal: 100, ...times };
}

export function buildDisk(counters: Partial<DiskCounters> = {}): DiskCounters {
  return { reads: 1000, readSectors: 8000, writes: 2000, writtenSectors: 32_000, busyMs: 4000, ...counters };
}

export function buildInterface(counters: Partial<InterfaceCounters> = {}): InterfaceCounters {
  return {
    receivedBytes: 1_000_000,
    receivedPackets: 1000,
    transmittedBytes: 2_000_000,
    transmittedPackets: 2000,
    errors: 3,
    drops: 5,
    ...counters,
  };
}

export function buildCounters(counters: Partial<Counters> = {}): Counters {
  return { monotonicMs: 0, cpu: null, disks: new Map(), interfaces: new Map(), ...counters };
}
