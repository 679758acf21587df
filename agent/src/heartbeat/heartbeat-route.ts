import { entityId, heartbeat, heartbeatResponse } from '@flotilla/contracts';
import { z } from 'zod';

/**
 * A task before its type and payload are looked at. A newer Core may send types that this agent does not know; such a
 * task is answered, and the others of the same heartbeat still run.
 */
const deliveredTask = z.object({ id: entityId, type: z.string(), payload: z.unknown() });
export type DeliveredTask = z.infer<typeof deliveredTask>;

export const agentHeartbeat = {
  ...heartbeat,
  response: heartbeatResponse.extend({ tasks: z.array(deliveredTask) }),
};
