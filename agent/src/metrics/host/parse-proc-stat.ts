/**
 * Time that processors spent, in the kernel's ticks since boot. Guests' time is not here by itself: the kernel counts it
 * in `user` (and niced guests in `nice`) already.
 */
export interface CpuTimes {
  /** With niced processes and guests. */
  readonly user: number;
  /** With interrupts. */
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly steal: number;
}

export interface ProcStat {
  /** All cores together, offline ones too. */
  readonly all: CpuTimes;
  /** By the core's number; a core that is offline has no line. Empty when they were not asked for. */
  readonly cores: ReadonlyMap<number, CpuTimes>;
}

/** `/proc/stat`, proc_stat(5). Null when it has no line for all cores. */
export function parseProcStat(text: string, { withCores }: { readonly withCores: boolean }): ProcStat | null {
  let all: CpuTimes | null = null;
  const cores = new Map<number, CpuTimes>();
  for (const line of text.split('\n')) {
    // These lines come first; one of those after them counts each interrupt and is long.
    if (!line.startsWith('cpu') || (all !== null && !withCores)) break;
    const [name = '', ...columns] = line.split(/ +/);
    const times = parseTimes(columns);
    if (times === null) continue;
    if (name === 'cpu') all = times;
    else cores.set(Number(name.slice('cpu'.length)), times);
  }
  return all === null ? null : { all, cores };
}

/** Kernels before 2.6.11 have no steal column; Docker runs on none of them. */
function parseTimes(columns: readonly string[]): CpuTimes | null {
  const counts = columns.slice(0, 8).map(Number);
  if (!counts.every((count) => count >= 0)) return null;
  const [user = NaN, nice = NaN, system = NaN, idle = NaN, iowait = NaN, irq = NaN, softirq = NaN, steal = NaN] =
    counts;
  return Number.isNaN(steal) ? null : { user: user + nice, system: system + irq + softirq, idle, iowait, steal };
}
