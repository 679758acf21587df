import { entityId } from '@flotilla/contracts';
import { z } from 'zod';
import { busCredentials } from '../shared/bus-credentials.ts';

/** Who this agent is, from its registration on. */
export const agentState = z.object({
  agentId: entityId,
  apiKey: z.string().min(1),
  /** The Core that it registered with. */
  coreUrl: z.string().min(1),
  /** Null while the Core has no bus for it. */
  bus: busCredentials.nullable(),
});
export type AgentState = z.infer<typeof agentState>;
