import type { HostMetric, MetricValue } from '@flotilla/contracts';

export type OwnUsage = Pick<Record<HostMetric, MetricValue>, 'agentCpuPercent' | 'agentMemoryBytes'>;

/** What the agent itself uses; the share of one core is since the call before, and unknown in the first. */
export function createOwnUsageReader(): (monotonicMs: number) => OwnUsage {
  let before: { readonly atMs: number; readonly busyMs: number } | null = null;
  return (atMs) => {
    const { user, system } = process.cpuUsage();
    const busyMs = (user + system) / 1000;
    const share = before === null || atMs <= before.atMs ? null : (busyMs - before.busyMs) / (atMs - before.atMs);
    before = { atMs, busyMs };
    return {
      agentCpuPercent: share === null ? null : Math.min(100, Math.round(share * 10_000) / 100),
      agentMemoryBytes: process.memoryUsage.rss(),
    };
  };
}
