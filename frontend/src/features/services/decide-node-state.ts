import type { Agent, Service, ServiceNode } from '@flotilla/contracts';

/** `waiting`: on its way to a node that is offline. */
export type NodeState = ServiceNode['configuration']['state'] | 'waiting';

export interface ServiceNodeView extends ServiceNode {
  readonly shown: NodeState;
}

const ORDER: readonly NodeState[] = ['rejected', 'waiting', 'applying', 'applied'];

/** A service's nodes, those that need a look first, then by name. A node that nobody knows of counts as online. */
export function decideNodeStates(
  { nodes }: Pick<Service, 'nodes'>,
  agents: readonly Pick<Agent, 'id' | 'status'>[],
): ServiceNodeView[] {
  const isOffline = (agentId: string): boolean => agents.find(({ id }) => id === agentId)?.status === 'offline';
  return nodes
    .map((node): ServiceNodeView => {
      const { state } = node.configuration;
      return { ...node, shown: state === 'applying' && isOffline(node.agentId) ? 'waiting' : state };
    })
    .toSorted((a, b) => ORDER.indexOf(a.shown) - ORDER.indexOf(b.shown) || a.agentName.localeCompare(b.agentName));
}
