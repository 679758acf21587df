import { performance } from 'node:perf_hooks';

export interface OwnUsage {
  readonly memoryBytes: number;
  /** 100 is one core; since the last reading, or the start. */
  readonly cpuPercent: number;
}

/** Returns a reader of what this process takes. */
export function createUsageReader(): () => OwnUsage {
  let lastCpu = process.cpuUsage();
  let lastAtMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(lastCpu);
    const elapsedMs = performance.now() - lastAtMs;
    lastCpu = process.cpuUsage();
    lastAtMs += elapsedMs;
    const cpuPercent = elapsedMs > 0 ? ((user + system) / 1000 / elapsedMs) * 100 : 0;
    return { memoryBytes: process.memoryUsage.rss(), cpuPercent };
  };
}
