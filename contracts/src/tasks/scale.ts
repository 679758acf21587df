import { z } from 'zod';
import { MAX_REPLICAS } from '../replicas/replica-settings.ts';
import { entityId } from '../values/identifiers.ts';

/**
 * How many replicas a node runs for a service from now on. The number is absolute and the revision grows by one at each change,
 * so that a repeat and an overtaken one change nothing.
 */
export const scaleTask = z.object({
  id: entityId,
  type: z.literal('SCALE'),
  payload: z.object({
    serviceId: entityId,
    scaleRevision: z.number().int().min(1),
    count: z.number().int().min(0).max(MAX_REPLICAS),
  }),
});

/**
 * `accepted`: it is kept on disk and worked towards; reports tell how far it is. `outdated`: the node knows a newer number.
 * `unknown_service`: the node does not run replicas for it.
 */
export const scaleResult = z.object({
  outcome: z.enum(['accepted', 'outdated', 'unknown_service']),
  scaleRevision: z.number().int().min(0),
});
export type ScaleResult = z.infer<typeof scaleResult>;
