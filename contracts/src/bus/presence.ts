import { z } from 'zod';

/** An agent's session on the bus begins (or goes on after a reconnect), or ends in order. */
export const presenceMessage = z.object({
  sessionId: z.uuid(),
  state: z.enum(['online', 'leaving']),
});
export type PresenceMessage = z.infer<typeof presenceMessage>;

/** The largest presence message that is read. */
export const MAX_PRESENCE_BYTES = 1024;
