import type { ServiceNodeRecord, ServiceRecord } from '@flotilla/core-db';
import { BadRequest } from '../http/index.ts';

/** The node of a service that a request names; the first by name when it names none. @throws BadRequest for another's */
export function chooseNode({ nodes }: ServiceRecord, agentId: string | undefined): ServiceNodeRecord {
  const node = agentId === undefined ? nodes[0] : nodes.find((one) => one.agentId === agentId);
  if (node !== undefined) return node;
  const message = 'is none of the service’s nodes; choose one of them';
  throw new BadRequest('The service is not on that node.', [{ field: 'agentId', message }]);
}
