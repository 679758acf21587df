import { z } from 'zod';
import { containerTemplate } from '../replicas/container-template.ts';
import { containerName, entityId } from '../values/identifiers.ts';

/** Reads the settings of a container, so that a service's replicas can be made like it. Changes nothing on the node. */
export const readContainerTask = z.object({
  id: entityId,
  type: z.literal('READ_CONTAINER'),
  payload: z.object({
    /** Its name, or at least 12 digits of its id. */
    container: containerName,
  }),
});

/** What a node says of it. It holds values of variables in plain text: the Core seals them before it stores anything. */
export const readContainerResult = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('read'), template: containerTemplate }),
  z.object({ outcome: z.literal('not_found') }),
]);
export type ReadContainerResult = z.infer<typeof readContainerResult>;
