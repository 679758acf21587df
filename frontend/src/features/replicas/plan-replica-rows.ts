import type { ContainerUsage, ObservedContainer, ReplicaState, ServiceReplicasReport } from '@flotilla/contracts';

/** Where a replica is. */
export interface ReplicaNode {
  readonly id: string;
  readonly name: string;
  /** It tells what is; of one that is away all that is known is what it said last. */
  readonly isKnown: boolean;
}

/** A replica with what else is known of its container; null where it is not. */
export interface ReplicaRow {
  readonly node: ReplicaNode;
  readonly id: string;
  readonly name: string;
  readonly state: ReplicaState;
  /** Made from settings before the newest ones. */
  readonly isOld: boolean;
  readonly reason: string | null;
  readonly since: string;
  readonly createdAt: string | null;
  readonly usage: ContainerUsage | null;
}

/** Joins a report with the inventory and the latest samples of its node, by Docker's id, in the order of the report. */
export function planReplicaRows(
  node: ReplicaNode,
  report: ServiceReplicasReport,
  containers: readonly Pick<ObservedContainer, 'id' | 'createdAt'>[],
  usages: readonly ContainerUsage[],
): ReplicaRow[] {
  return report.replicas.map(({ name, containerId, state, specification, reason, since }) => ({
    node,
    id: `${node.id} ${name}`,
    name,
    state,
    isOld: specification !== report.specification,
    reason,
    since,
    createdAt: containers.find(({ id }) => isSame(id, containerId))?.createdAt ?? null,
    usage: usages.find(({ id }) => isSame(id, containerId)) ?? null,
  }));
}

/** Docker's ids are also written as their first twelve digits. */
function isSame(id: string, containerId: string | null): boolean {
  return containerId !== null && (id.startsWith(containerId) || containerId.startsWith(id));
}
