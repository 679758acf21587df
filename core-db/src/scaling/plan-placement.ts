import type { ScalingLimit, ScalingPolicy } from '@flotilla/contracts';
import type { KnownRooms } from './scaled-service.repository.ts';
import type { NodeCount } from './service-scale.repository.ts';

/** A node that replicas can be placed on. Null where nothing is known; that limits nothing. */
export interface PlacementNode {
  readonly agentId: string;
  /** Replicas of this service that it is asked for now. */
  readonly current: number;
  /** A node that is offline gets no more; of nodes with as many it is the first to lose one. */
  readonly isOnline: boolean;
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
  /** What replicas of other services have reserved there. */
  readonly reservedCpu: number;
  readonly reservedMemoryBytes: number;
}

/** What one replica needs of its node; null: not looked at. */
export interface Reservation {
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
}

const NOTHING: Reservation = { cpu: null, memoryBytes: null };

export function reservationOf(policy: ScalingPolicy | null): Reservation {
  return policy === null ? NOTHING : { cpu: policy.cpuReservation, memoryBytes: policy.memoryReservationBytes };
}

/** The nodes of a service with their rooms. A node that nobody has looked at counts as online, and of unknown size. */
export function planPlacementNodes(serviceId: string, nodes: readonly NodeCount[], known: KnownRooms): PlacementNode[] {
  return nodes.map(({ agentId, count }) => {
    const room = known.nodes.get(agentId);
    const others = (known.reservations.get(agentId) ?? []).filter((one) => one.serviceId !== serviceId);
    return {
      agentId,
      current: count,
      isOnline: room?.isOnline ?? true,
      cpuCores: room?.cpuCores ?? null,
      memoryBytes: room?.memoryBytes ?? null,
      reservedCpu: others.reduce((sum, { cpu }) => sum + cpu, 0),
      reservedMemoryBytes: others.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    };
  });
}

export interface Placement {
  /** Replicas by node, for each node that was given. */
  readonly counts: ReadonlyMap<string, number>;
  readonly placed: number;
  /** When not all of them have room. */
  readonly limit: ScalingLimit | null;
}

/**
 * Spreads `total` replicas of a service over its nodes: more go where the fewest are, and of those where the most room is; fewer
 * leave where the most are. Nothing moves between nodes otherwise. What is equal is taken in the order of the nodes' ids, so that
 * the same input always gives the same placement. A node that has more than it has room for keeps it.
 */
export function planPlacement(total: number, nodes: readonly PlacementNode[], reservation: Reservation): Placement {
  const spots = nodes
    .map((node) => ({ ...node, count: node.current, room: countRoom(node, reservation) }))
    .toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1));
  let placed = spots.reduce((sum, { count }) => sum + count, 0);

  for (; placed < total; placed += 1) {
    const free = spots.filter(({ isOnline, count, room }) => isOnline && count < room);
    const [emptiest] = free.toSorted((a, b) => a.count - b.count || compareRoom(a, b));
    if (emptiest === undefined) break;
    emptiest.count += 1;
  }
  for (; placed > total; placed -= 1) {
    const [fullest] = spots.toSorted(
      (a, b) => b.count - a.count || Number(a.isOnline) - Number(b.isOnline) || compareRoom(b, a),
    );
    if (fullest === undefined) break;
    fullest.count -= 1;
  }
  const counts = new Map(spots.map(({ agentId, count }) => [agentId, count]));
  return { counts, placed, limit: placed < total ? { kind: 'capacity', from: total, to: placed } : null };
}

/**
 * As `planPlacement`, but places them all: what has no room goes where the fewest are, on nodes that are online, and on the others
 * only when none is.
 * @returns replicas by node, for each node that was given
 */
export function planWholePlacement(
  total: number,
  nodes: readonly PlacementNode[],
  reservation: Reservation,
): ReadonlyMap<string, number> {
  const withRoom = planPlacement(total, nodes, reservation);
  if (withRoom.placed === total) return withRoom.counts;
  const keep = (isOnline: boolean | null) => (node: PlacementNode) => ({
    ...node,
    current: withRoom.counts.get(node.agentId) ?? 0,
    isOnline: isOnline ?? node.isOnline,
  });
  const online = planPlacement(total, nodes.map(keep(null)), NOTHING);
  return online.placed === total ? online.counts : planPlacement(total, nodes.map(keep(true)), NOTHING).counts;
}

/** The one with more room left first; equal when neither has a bound. */
function compareRoom(a: Spot, b: Spot): number {
  return a.room === b.room ? a.count - b.count : b.room - b.count - (a.room - a.count);
}

interface Spot {
  readonly count: number;
  readonly room: number;
}

/** Most replicas that all nodes have room for, counting those that are there; null when some node's room is not known. */
export function countCapacity(nodes: readonly PlacementNode[], reservation: Reservation): number | null {
  const rooms = nodes.map((node) =>
    node.isOnline ? Math.max(node.current, countRoom(node, reservation)) : node.current,
  );
  const capacity = rooms.reduce((sum, room) => sum + room, 0);
  return Number.isFinite(capacity) ? capacity : null;
}

/** Replicas of this service that a node has room for; without a bound where nothing is reserved, or its size is not known. */
function countRoom(node: PlacementNode, { cpu, memoryBytes }: Reservation): number {
  return Math.min(
    divide(node.cpuCores, node.reservedCpu, cpu),
    divide(node.memoryBytes, node.reservedMemoryBytes, memoryBytes),
  );
}

function divide(size: number | null, reserved: number, each: number | null): number {
  if (size === null || each === null) return Number.POSITIVE_INFINITY;
  // 0.3 ÷ 0.1 is a little less than 3 in doubles.
  return Math.max(0, Math.floor((size - reserved) / each + 1e-9));
}
