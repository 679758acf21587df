import type { ScalingPolicy } from '@flotilla/contracts';
import type { DatabaseSession } from '../database-session.ts';
import { planPlacementNodes, planWholePlacement, reservationOf } from './plan-placement.ts';
import { readNodeRooms } from './scaled-service.repository.ts';
import type { NodeCount } from './service-scale.repository.ts';

/**
 * Spreads the number that a person has asked for over a service's nodes: all of it, also where the policy's reservations leave no
 * room, and also on nodes that are offline when no other is there.
 * @param nodes the service's nodes with the numbers that they are asked for now
 * @returns the same nodes with their numbers from now on
 */
export async function placeReplicas(
  db: DatabaseSession,
  { serviceId, policy }: { readonly serviceId: string; readonly policy: ScalingPolicy | null },
  nodes: readonly NodeCount[],
  total: number,
): Promise<NodeCount[]> {
  const rooms = await readNodeRooms(
    db,
    nodes.map(({ agentId }) => agentId),
  );
  const counts = planWholePlacement(total, planPlacementNodes(serviceId, nodes, rooms), reservationOf(policy));
  return nodes.map(({ agentId }) => ({ agentId, count: counts.get(agentId) ?? 0 }));
}
