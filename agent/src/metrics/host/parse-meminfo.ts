import type { MetricValue } from '@flotilla/contracts';

export interface MemoryUse {
  readonly memoryUsedBytes: MetricValue;
  readonly memoryTotalBytes: MetricValue;
  readonly swapUsedBytes: MetricValue;
  readonly swapTotalBytes: MetricValue;
}

/** `/proc/meminfo`, proc_meminfo(5). What it does not say is null. */
export function parseMeminfo(text: string): MemoryUse {
  const bytes = new Map<string, number>();
  for (const [, name = '', kibibytes] of text.matchAll(/^(\w+): +(\d+) kB$/gm)) {
    bytes.set(name, Number(kibibytes) * 1024);
  }
  const memoryTotalBytes = bytes.get('MemTotal') ?? null;
  const swapTotalBytes = bytes.get('SwapTotal') ?? null;
  return {
    memoryUsedBytes: subtract(memoryTotalBytes, bytes.get('MemAvailable') ?? estimateAvailable(bytes)),
    memoryTotalBytes,
    swapUsedBytes: subtract(swapTotalBytes, bytes.get('SwapFree') ?? null),
    swapTotalBytes,
  };
}

/**
 * Kernels before 3.14 do not say what is available: it is what is free and what they can take back, the page cache without
 * shared memory and the caches that shrink. It ignores the kernel's reserve, so it says a little more than newer kernels do.
 */
function estimateAvailable(bytes: ReadonlyMap<string, number>): number | null {
  const free = bytes.get('MemFree');
  const cached = bytes.get('Cached');
  if (free === undefined || cached === undefined) return null;
  const get = (name: string): number => bytes.get(name) ?? 0;
  return free + get('Buffers') + Math.max(0, cached - get('Shmem')) + get('SReclaimable');
}

/** A container's view (lxcfs) can say that more is free than there is. */
function subtract(total: number | null, free: number | null): MetricValue {
  return total === null || free === null ? null : Math.max(0, total - free);
}
