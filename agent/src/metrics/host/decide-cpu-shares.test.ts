import { describe, expect, it } from 'vitest';
import { decideCpuShares, UNKNOWN_CPU_SHARES } from './decide-cpu-shares.ts';
import type { CpuTimes } from './parse-proc-stat.ts';
import { buildCpuTimes } from './testing/build-counters.ts';

const before = buildCpuTimes();

/** The times after each of the modes grew by so much. */
function grownBy(growth: Partial<CpuTimes>): CpuTimes {
  return {
    user: before.user + (growth.user ?? 0),
    system: before.system + (growth.system ?? 0),
    idle: before.idle + (growth.idle ?? 0),
    iowait: before.iowait + (growth.iowait ?? 0),
    steal: before.steal + (growth.steal ?? 0),
  };
}

describe('decideCpuShares', () => {
  it.each<[string, Partial<CpuTimes>, [all: number, user: number, system: number, iowait: number, steal: number]]>([
    ['work', { user: 30, system: 20, idle: 50 }, [50, 30, 20, 0, 0]],
    ['waiting for a disk is not idle', { user: 10, idle: 60, iowait: 30 }, [40, 10, 0, 30, 0]],
    ['neither is what the hypervisor took', { user: 10, idle: 60, steal: 30 }, [40, 10, 0, 0, 30]],
    ['nothing to do', { idle: 500 }, [0, 0, 0, 0, 0]],
    ['nothing but work', { user: 400, system: 100 }, [100, 80, 20, 0, 0]],
    ['idle moved to iowait afterwards', { user: 50, idle: -10, iowait: 60 }, [100, 50, 0, 50, 0]],
  ])('%s', (_, growth, [all, user, system, iowait, steal]) =>
    expect(decideCpuShares(before, grownBy(growth))).toEqual({
      cpuPercent: all,
      cpuUserPercent: user,
      cpuSystemPercent: system,
      cpuIowaitPercent: iowait,
      cpuStealPercent: steal,
    }),
  );

  it('does not know iowait when the kernel moved it to idle, but knows all others', () => {
    expect(decideCpuShares(before, grownBy({ user: 25, idle: 80, iowait: -5 }))).toEqual({
      cpuPercent: 25,
      cpuUserPercent: 25,
      cpuSystemPercent: 0,
      cpuIowaitPercent: null,
      cpuStealPercent: 0,
    });
  });

  it.each<[string, CpuTimes | undefined, CpuTimes]>([
    ['without a reading before', undefined, before],
    ['when no tick passed', before, before],
    ['when work went backwards', before, grownBy({ user: -1, idle: 500 })],
    ['when what was stolen went backwards', before, grownBy({ steal: -1, idle: 500 })],
    ['when idle began anew with the core', before, grownBy({ idle: -8000, user: 10 })],
    ['when all began anew', before, buildCpuTimes({ user: 1, system: 1, idle: 9, iowait: 0, steal: 0 })],
  ])('knows nothing %s', (_, previous, current) =>
    expect(decideCpuShares(previous, current)).toEqual(UNKNOWN_CPU_SHARES),
  );
});
