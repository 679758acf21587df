import { containerReading, type ContainerReading } from '@flotilla/contracts';
import type { InspectedContainer } from './parse-inspection.ts';
import { noteIf, noteNames, type UntakenNote } from './untaken-note.ts';

const NANO_CPUS_PER_CORE = 1e9;
/** In microseconds (moby: `daemon/daemon_unix.go`). */
const DEFAULT_CPU_PERIOD = 100_000;

/** The CPU and memory that a container may use; null for no limit. */
export function planLimits({ HostConfig }: Pick<InspectedContainer, 'HostConfig'>): {
  readonly limits: Pick<ContainerReading, 'cpuLimit' | 'memoryLimitBytes'>;
  readonly notes: readonly UntakenNote[];
} {
  const { NanoCpus, CpuQuota, CpuPeriod, Memory, MemorySwap } = HostConfig;
  const cores = NanoCpus > 0 ? NanoCpus / NANO_CPUS_PER_CORE : CpuQuota / (CpuPeriod || DEFAULT_CPU_PERIOD);
  const cpuLimit = containerReading.shape.cpuLimit.safeParse(cores > 0 ? cores : null);
  const memory = containerReading.shape.memoryLimitBytes.safeParse(Memory > 0 ? Memory : null);
  // Docker's own: as much swap again as there is memory.
  const isDefaultSwap = MemorySwap === 0 || MemorySwap === 2 * Memory;
  return {
    limits: { cpuLimit: cpuLimit.data ?? null, memoryLimitBytes: memory.data ?? null },
    notes: [
      ...noteNames('cpuLimit', cpuLimit.success ? [] : [String(cores)]),
      ...noteNames('memoryLimit', memory.success ? [] : [String(Memory)]),
      ...noteIf(!isDefaultSwap || (HostConfig.MemorySwappiness ?? -1) >= 0, 'swap'),
      ...noteIf(HostConfig.MemoryReservation > 0, 'memoryReservation'),
    ],
  };
}
