import type { Agent, Service, ServiceNode } from '@flotilla/contracts';

/** `waiting`: on its way to a node that is offline. `away`: applied there, when it was last heard of. */
export type NodeState = ServiceNode['configuration']['state'] | 'waiting' | 'away';

export interface ServiceNodeView extends ServiceNode {
  readonly shown: NodeState;
}

const ORDER: readonly NodeState[] = ['rejected', 'away', 'waiting', 'applying', 'applied'];

const WITHOUT_NODE = { applying: 'waiting', applied: 'away', rejected: 'rejected' } as const;

/** A service's nodes, those that need a look first, then by name. A node that nobody knows of counts as online. */
export function decideNodeStates(
  { nodes }: Pick<Service, 'nodes'>,
  agents: readonly Pick<Agent, 'id' | 'status'>[],
): ServiceNodeView[] {
  const isOffline = (agentId: string): boolean => agents.find(({ id }) => id === agentId)?.status === 'offline';
  return nodes
    .map((node): ServiceNodeView => {
      const { state } = node.configuration;
      return { ...node, shown: isOffline(node.agentId) ? WITHOUT_NODE[state] : state };
    })
    .toSorted((a, b) => ORDER.indexOf(a.shown) - ORDER.indexOf(b.shown) || a.agentName.localeCompare(b.agentName));
}
