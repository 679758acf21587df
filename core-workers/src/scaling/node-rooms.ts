import type { ScalingPolicy } from '@flotilla/contracts';
import {
  readNodeRooms,
  type Database,
  type NodeReservation,
  type NodeRoom,
  type ScaledService,
} from '@flotilla/core-db';
import { countCapacity, planPlacement, type Placement, type PlacementNode } from './decide/plan-placement.ts';

/** How old what is known of nodes' sizes may be: they change when hardware does, or a policy. */
const REFRESH_AFTER_MS = 15_000;

/** The room of the nodes that some services are on, for those whose policies reserve any. */
export class NodeRooms {
  readonly #database: Database;
  #rooms = new Map<string, NodeRoom>();
  #reservations: readonly NodeReservation[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads what is known anew when it is old. @throws when the database cannot be asked */
  async refresh(services: Iterable<ScaledService>, now: number): Promise<void> {
    if (now - this.#readAt < REFRESH_AFTER_MS) return;
    const reserving = [...services].filter(({ policy }) => policy !== null && hasReservation(policy));
    const agentIds = new Set(reserving.flatMap(({ nodes }) => nodes.map(({ agentId }) => agentId)));
    const { nodes, reservations } =
      agentIds.size === 0
        ? { nodes: [], reservations: [] }
        : await readNodeRooms(this.#database.manager, [...agentIds]);
    this.#rooms = new Map(nodes.map((node) => [node.agentId, node]));
    this.#reservations = reservations;
    this.#readAt = now;
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
      const others = this.#reservations.filter((one) => one.agentId === agentId && one.serviceId !== serviceId);
      const room = this.#rooms.get(agentId);
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
