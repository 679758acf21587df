import type { MetricValue } from '@flotilla/contracts';
import { decideIncrease } from './decide-rate.ts';
import type { CpuTimes } from './parse-proc-stat.ts';

/** Shares of the time between two readings, 0 to 100; `cpuPercent` is the sum of the others. */
export interface CpuShares {
  readonly cpuPercent: MetricValue;
  readonly cpuUserPercent: MetricValue;
  readonly cpuSystemPercent: MetricValue;
  readonly cpuIowaitPercent: MetricValue;
  readonly cpuStealPercent: MetricValue;
}

export const UNKNOWN_CPU_SHARES: CpuShares = {
  cpuPercent: null,
  cpuUserPercent: null,
  cpuSystemPercent: null,
  cpuIowaitPercent: null,
  cpuStealPercent: null,
};

/**
 * Use of the processor: everything that the kernel did not count as `idle`, so with iowait and steal. It is what
 * `100 − id` is in top and what the usual query over node_exporter gives; the modes stack up to it in a chart, and one who
 * wants the work alone subtracts two figures that stand beside it. (htop takes iowait for idle: then a host that only waits
 * for its disk looks as if it had nothing to do.)
 *
 * The kernel moves time between iowait and idle after the fact, so each of the two may go backwards while their sum is
 * right (proc_stat(5)). Only the sum is relied on; iowait itself is unknown for an interval in which it fell. Any other
 * counter that fell began anew, and nothing is known.
 */
export function decideCpuShares(previous: CpuTimes | undefined, current: CpuTimes): CpuShares {
  if (previous === undefined) return UNKNOWN_CPU_SHARES;
  const user = decideIncrease(previous.user, current.user);
  const system = decideIncrease(previous.system, current.system);
  const steal = decideIncrease(previous.steal, current.steal);
  const waiting = decideIncrease(previous.idle + previous.iowait, current.idle + current.iowait);
  if (user === null || system === null || steal === null || waiting === null) return UNKNOWN_CPU_SHARES;
  const total = user + system + steal + waiting;
  if (total === 0) return UNKNOWN_CPU_SHARES;

  const iowaitIncrease = decideIncrease(previous.iowait, current.iowait);
  const iowait = Math.min(iowaitIncrease ?? 0, waiting);
  const toPercent = (ticks: number): number => Math.min(100, (ticks / total) * 100);
  return {
    cpuPercent: toPercent(user + system + steal + iowait),
    cpuUserPercent: toPercent(user),
    cpuSystemPercent: toPercent(system),
    cpuIowaitPercent: iowaitIncrease === null ? null : toPercent(iowait),
    cpuStealPercent: toPercent(steal),
  };
}
