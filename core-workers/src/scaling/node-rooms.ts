import {
  readNodeRooms,
  type Database,
  type NodeReservation,
  type NodeRoom,
  type ScaledService,
} from '@flotilla/core-db';
import type { ScalingPolicy } from '@flotilla/contracts';
import { countCapacity, planPlacement, type Placement, type PlacementNode } from './decide/plan-placement.ts';

/** The room of the nodes that services are on, for those whose policies reserve any; read again every few seconds. */
export class NodeRooms {
  readonly #database: Database;
  #nodes: ReadonlyMap<string, NodeRoom> = new Map();
  #reservations: ReadonlyMap<string, readonly NodeReservation[]> = new Map();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads what is known anew. @throws when the database cannot be asked */
  async refresh(services: Iterable<ScaledService>): Promise<void> {
    const agentIds = new Set<string>();
    for (const { policy, nodes } of services) {
      if (policy !== null && hasReservation(policy)) for (const { agentId } of nodes) agentIds.add(agentId);
    }
    const { nodes, reservations } =
      agentIds.size === 0
        ? { nodes: [], reservations: [] }
        : await readNodeRooms(this.#database.manager, [...agentIds]);
    this.#nodes = new Map(nodes.map((node) => [node.agentId, node]));
    this.#reservations = Map.groupBy(reservations, ({ agentId }) => agentId);
  }

  /** Most replicas that a service's nodes have room for; null when nothing is reserved, or some node is not known. */
  countCapacity(service: ScaledService, policy: ScalingPolicy): number | null {
    if (!hasReservation(policy)) return null;
    return countCapacity(this.#listNodes(service), reservationOf(policy));
  }

  place(total: number, service: ScaledService, policy: ScalingPolicy): Placement {
    return planPlacement(total, this.#listNodes(service), reservationOf(policy));
  }

  #listNodes({ serviceId, nodes }: ScaledService): PlacementNode[] {
    return nodes.map(({ agentId, count }) => {
      const room = this.#nodes.get(agentId);
      const others = (this.#reservations.get(agentId) ?? []).filter((one) => one.serviceId !== serviceId);
      return {
        agentId,
        current: count,
        // Nobody has looked: the node's agent tells its load, so it is there.
        isOnline: room?.isOnline ?? true,
        cpuCores: room?.cpuCores ?? null,
        memoryBytes: room?.memoryBytes ?? null,
        reservedCpu: others.reduce((sum, { cpu }) => sum + cpu, 0),
        reservedMemoryBytes: others.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      };
    });
  }
}

function hasReservation({ cpuReservation, memoryReservationBytes }: ScalingPolicy): boolean {
  return cpuReservation !== null || memoryReservationBytes !== null;
}

function reservationOf({ cpuReservation, memoryReservationBytes }: ScalingPolicy) {
  return { cpu: cpuReservation, memoryBytes: memoryReservationBytes };
}
