import { z } from 'zod';
import type { ContainerCounters } from './read-container-counters.ts';

const count = z.number().nonnegative().nullable().catch(null);
const counts = z.record(z.string(), z.unknown()).catch({});
const blockEntry = z.object({ op: z.string(), value: z.number().nonnegative() });
const networkEntry = z.object({ rx_bytes: z.number().nonnegative(), tx_bytes: z.number().nonnegative() });

/** Docker Engine API 1.41, `ContainerStats`: what is missing, or no number, is null. */
const statistics = z.object({
  read: z.string(),
  cpu_stats: z
    .object({ cpu_usage: z.object({ total_usage: count }) })
    .nullable()
    .catch(null),
  memory_stats: z.object({ usage: count, limit: count, stats: counts }).nullable().catch(null),
  blkio_stats: z
    .object({ io_service_bytes_recursive: z.array(blockEntry) })
    .nullable()
    .catch(null),
  networks: z.record(z.string(), networkEntry).nullable().catch(null),
  pids_stats: z.object({ current: count }).nullable().catch(null),
});

/** What Docker says of a container that does not run. */
const NEVER_READ = '0001-';

/**
 * Docker's one-shot statistics as the counters that the kernel's files have. Docker does not tell of OOM kills.
 * @param hostMemoryBytes a limit of as much is none: Docker says so where there is no limit
 * @returns null for a container that does not run
 */
export function parseDockerStatistics(
  answer: unknown,
  { hasOwnNetwork, hostMemoryBytes }: { readonly hasOwnNetwork: boolean; readonly hostMemoryBytes: number },
): ContainerCounters | null {
  const { data } = statistics.safeParse(answer);
  if (data === undefined || data.read.startsWith(NEVER_READ)) return null;
  const { cpu_stats: cpu, memory_stats: memory, networks, pids_stats: pids } = data;
  const limit = memory?.limit ?? null;
  return {
    cpuNanoseconds: cpu?.cpu_usage.total_usage ?? null,
    memoryBytes: countMemory(memory),
    memoryLimitBytes: limit === null || limit >= hostMemoryBytes ? null : limit,
    block: sumBlocks(data.blkio_stats?.io_service_bytes_recursive ?? null),
    network: hasOwnNetwork && networks !== null ? sumNetworks(Object.values(networks)) : null,
    pids: pids?.current ?? null,
    oomKills: null,
  };
}

/** As `docker stats` does: less the page cache that the kernel can take back at once, under the name of either version. */
function countMemory(memory: z.infer<typeof statistics>['memory_stats']): number | null {
  if (memory === null || memory.usage === null) return null;
  const inactive = memory.stats['total_inactive_file'] ?? memory.stats['inactive_file'];
  return Math.max(0, memory.usage - (typeof inactive === 'number' ? inactive : 0));
}

/** `Read` and `Write` of version 1, `read` and `write` of version 2. */
function sumBlocks(entries: readonly z.infer<typeof blockEntry>[] | null): ContainerCounters['block'] {
  if (entries === null) return null;
  const sum = (operation: string): number =>
    entries.reduce((total, { op, value }) => total + (op.toLowerCase() === operation ? value : 0), 0);
  return { readBytes: sum('read'), writtenBytes: sum('write') };
}

function sumNetworks(entries: readonly z.infer<typeof networkEntry>[]): ContainerCounters['network'] {
  return {
    receivedBytes: entries.reduce((sum, { rx_bytes: bytes }) => sum + bytes, 0),
    transmittedBytes: entries.reduce((sum, { tx_bytes: bytes }) => sum + bytes, 0),
  };
}
