import type { Agent } from '@flotilla/contracts';

/** What is known of a node's use now, in percent. */
export interface NodeUse {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly filesystemPercent: number | null;
}

export interface NodeOverview {
  readonly node: Agent;
  readonly use: NodeUse;
}

const HIGH_PERCENT = 90;

/** How much a node wants to be looked at: 3 does not answer, 2 does not do what it should, 1 is nearly full, 0 is well. */
export function decideUrgency({ node, use }: NodeOverview): 0 | 1 | 2 | 3 {
  if (node.status === 'offline') return 3;
  const { state, unservedServices } = node.configuration;
  if (node.facts?.proxy.state === 'failed' || state === 'rejected' || unservedServices > 0) return 2;
  const isHigh = Object.values(use).some((percent: number | null) => percent !== null && percent >= HIGH_PERCENT);
  return isHigh ? 1 : 0;
}

/** The worst first; then by name. */
export function planNodeOrder<Overview extends NodeOverview>(nodes: readonly Overview[]): Overview[] {
  return nodes.toSorted(
    (a, b) =>
      decideUrgency(b) - decideUrgency(a) || a.node.name.localeCompare(b.node.name, undefined, { numeric: true }),
  );
}
