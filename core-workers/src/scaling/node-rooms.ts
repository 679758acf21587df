import {
  countCapacity,
  planPlacement,
  planPlacementNodes,
  readNodeRooms,
  reservationOf,
  type Database,
  type KnownRooms,
  type Placement,
  type ScaledService,
} from '@flotilla/core-db';
import type { ScalingPolicy } from '@flotilla/contracts';

const NOTHING: KnownRooms = { nodes: new Map(), reservations: new Map() };

/** What is known of the nodes that replicas could be placed on; read again every few seconds. */
export class NodeRooms {
  readonly #database: Database;
  #known: KnownRooms = NOTHING;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads what is known anew, of the nodes that there is a choice or a bound of. @throws when the database cannot be asked */
  async refresh(services: Iterable<ScaledService>): Promise<void> {
    const agentIds = new Set<string>();
    for (const { policy, nodes } of services) {
      if (policy === null || (nodes.length === 1 && !hasReservation(policy))) continue;
      for (const { agentId } of nodes) agentIds.add(agentId);
    }
    this.#known = agentIds.size === 0 ? NOTHING : await readNodeRooms(this.#database.manager, [...agentIds]);
  }

  /** Most replicas that a service's nodes have room for; null when nothing is reserved, or some node is not known. */
  countCapacity(service: ScaledService, policy: ScalingPolicy): number | null {
    return hasReservation(policy) ? countCapacity(this.#listNodes(service), reservationOf(policy)) : null;
  }

  place(total: number, service: ScaledService, policy: ScalingPolicy): Placement {
    return planPlacement(total, this.#listNodes(service), reservationOf(policy));
  }

  #listNodes({ serviceId, nodes }: ScaledService) {
    return planPlacementNodes(serviceId, nodes, this.#known);
  }
}

function hasReservation({ cpuReservation, memoryReservationBytes }: ScalingPolicy): boolean {
  return cpuReservation !== null || memoryReservationBytes !== null;
}
