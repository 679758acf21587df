import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { readUsage } from '../harness/read-usage.ts';

/** What one process took during one window. */
export interface WindowUsage {
  /** Resident at the window's end: what `ps` and `docker stats` count, pages of Node's binary included. */
  readonly residentBytes: number;
  /** The same with shared pages divided among those who share them (proc(5): smaps_rollup, Pss). */
  readonly proportionalBytes: number;
  /** Of one core; 100 is a whole one. */
  readonly cpuPercent: number;
}

/**
 * Measures processes side by side, window after window.
 * @returns for each process, in their order, its windows
 */
export async function watchProcesses(
  pids: readonly number[],
  windows: number,
  windowMs: number,
): Promise<WindowUsage[][]> {
  const all: WindowUsage[][] = pids.map(() => []);
  for (let window = 0; window < windows; window += 1) {
    const startedAt = performance.now();
    const before = await Promise.all(pids.map(readUsage));
    await delay(windowMs);
    const after = await Promise.all(pids.map(readUsage));
    const seconds = (performance.now() - startedAt) / 1000;
    const proportional = await Promise.all(pids.map(readProportionalBytes));
    all.forEach((usages, index) => {
      const [from, to] = [before[index], after[index]];
      if (from === undefined || to === undefined) return;
      usages.push({
        residentBytes: to.memoryBytes,
        proportionalBytes: proportional[index] ?? Number.NaN,
        cpuPercent: ((to.cpuSeconds - from.cpuSeconds) / seconds) * 100,
      });
    });
  }
  return all;
}

async function readProportionalBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}
