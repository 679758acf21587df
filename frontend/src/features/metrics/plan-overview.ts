import type { Agent, MetricsAnswer } from '@flotilla/contracts';
import { findLatest } from '../../shared/charts/plan-chart.ts';
import { planMemoryShare } from './plan-memory-share.ts';
import { planNodeOrder, type NodeOverview, type NodeUse } from './plan-node-order.ts';

type Values = readonly (number | null)[];

/** A node with its lines of the last hour. */
export interface NodeLines extends NodeOverview {
  readonly id: string;
  readonly cpu: Values;
  readonly memory: Values;
  readonly filesystem: Values;
}

/**
 * All nodes with what is known of them, the ones to look at first: every node's figures are needed for that, also those
 * of nodes that do not fit on the page in the end.
 * @param answers figures of the nodes, in as many answers as it took
 */
export function planOverview(nodes: readonly Agent[], answers: readonly MetricsAnswer[]): NodeLines[] {
  const lines = new Map(
    answers
      .map(planMemoryShare)
      .flatMap(({ times, series }) =>
        series.map(({ subjectId, metric, avg }) => [`${subjectId} ${metric}`, { times, avg }] as const),
      ),
  );
  const find = (node: Agent, metric: string) => lines.get(`${node.id} ${metric}`) ?? { times: [], avg: [] };
  return planNodeOrder(
    nodes.map((node) => {
      const cpu = find(node, 'cpuPercent');
      const memory = find(node, 'memoryPercent');
      const filesystem = find(node, 'filesystemFullestPercent');
      const use: NodeUse = {
        cpuPercent: findLatest(cpu),
        memoryPercent: findLatest(memory),
        filesystemPercent: findLatest(filesystem),
      };
      return { id: node.id, node, use, cpu: cpu.avg, memory: memory.avg, filesystem: filesystem.avg };
    }),
  );
}
