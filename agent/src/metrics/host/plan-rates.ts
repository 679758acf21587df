import type { MetricValue } from '@flotilla/contracts';
import { decideCpuShares, UNKNOWN_CPU_SHARES, type CpuShares } from './decide-cpu-shares.ts';
import { decideDiskRates, type DiskRates } from './decide-disk-rates.ts';
import { decideNetworkRates, type NetworkRates } from './decide-network-rates.ts';
import { decideIntervalMs } from './decide-rate.ts';
import type { DiskCounters } from './parse-diskstats.ts';
import type { InterfaceCounters } from './parse-net-dev.ts';
import type { ProcStat } from './parse-proc-stat.ts';

/** One reading of what only grows. */
export interface Counters {
  readonly monotonicMs: number;
  readonly cpu: ProcStat | null;
  /** Physical ones. */
  readonly disks: ReadonlyMap<string, DiskCounters>;
  /** Physical ones. */
  readonly interfaces: ReadonlyMap<string, InterfaceCounters>;
}

/** What two readings say of the time between them; all of it unknown when there is only one. */
export interface Rates {
  readonly cpu: CpuShares;
  readonly cores: readonly (readonly [core: number, cpuPercent: MetricValue])[];
  readonly disks: readonly (readonly [name: string, rates: DiskRates])[];
  readonly interfaces: readonly (readonly [name: string, rates: NetworkRates])[];
}

export function planRates(previous: Counters | null, current: Counters): Rates {
  const intervalMs = previous === null ? null : decideIntervalMs(previous.monotonicMs, current.monotonicMs);
  // An interval that is none is as good as no reading before; 1 is never divided by then.
  const before = intervalMs === null ? null : previous;
  const divisorMs = intervalMs ?? 1;
  return {
    cpu: current.cpu === null ? UNKNOWN_CPU_SHARES : decideCpuShares(before?.cpu?.all, current.cpu.all),
    cores: [...(current.cpu?.cores ?? [])].map(
      ([core, times]) => [core, decideCpuShares(before?.cpu?.cores.get(core), times).cpuPercent] as const,
    ),
    disks: [...current.disks].map(
      ([name, counters]) => [name, decideDiskRates(before?.disks.get(name), counters, divisorMs)] as const,
    ),
    interfaces: [...current.interfaces].map(
      ([name, counters]) => [name, decideNetworkRates(before?.interfaces.get(name), counters, divisorMs)] as const,
    ),
  };
}
