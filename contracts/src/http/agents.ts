import { z } from 'zod';
import { contentRevision, entityId, instant } from '../values/identifiers.ts';
import { displayName } from '../values/text.ts';
import { observedContainer, agentFacts } from './heartbeat.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

const tag = 'agents';
const params = z.object({ id: entityId });

export const agentStatus = z.enum(['online', 'offline']);
export type AgentStatus = z.infer<typeof agentStatus>;

/** `none`: the node has no service yet. */
export const configurationState = z.enum(['none', 'applying', 'applied', 'rejected']);
export type ConfigurationState = z.infer<typeof configurationState>;

export const agentConfiguration = z.object({
  state: configurationState,
  desiredRevision: contentRevision.nullable(),
  /** What nginx confirmed that it serves. */
  appliedRevision: contentRevision.nullable(),
  appliedAt: instant.nullable(),
  /** nginx's own words when the last desired state was refused as a whole. */
  reason: z.string().nullable(),
  services: z.number().int().min(0),
  rejectedServices: z.number().int().min(0),
  /** Services that want replicas and have none that is ready, for a reason that waiting does not cure. */
  unservedServices: z.number().int().min(0),
});

export type AgentConfiguration = z.infer<typeof agentConfiguration>;

export const agent = z.object({
  id: entityId,
  name: z.string(),
  /** Where people reach the node; shown as a link, never called. */
  url: z.string().nullable(),
  status: agentStatus,
  lastSeenAt: instant.nullable(),
  registeredAt: instant,
  version: z.string(),
  /** `polling`: the agent has no connection to the bus and picks tasks up at its heartbeat interval. */
  bus: z.enum(['connected', 'polling']),
  /** The Core's clock less the agent's; null while it is not known. */
  clockOffsetMs: z.number().int().nullable(),
  facts: agentFacts.nullable(),
  containers: z.object({ total: z.number().int(), running: z.number().int() }).nullable(),
  configuration: agentConfiguration,
});
export type Agent = z.infer<typeof agent>;

export const listAgents = defineRoute({
  method: 'get',
  path: '/api/agents',
  access: 'viewer',
  tag,
  summary: 'Nodes with status and configuration state',
  query: listQuery(['name', 'status', 'lastSeenAt', 'registeredAt']).extend({ status: agentStatus.optional() }),
  status: 200,
  response: page(agent),
});

export const getAgent = defineRoute({
  method: 'get',
  path: '/api/agents/:id',
  access: 'viewer',
  tag,
  summary: 'One node',
  params,
  status: 200,
  response: agent,
});

export const updateAgent = defineRoute({
  method: 'patch',
  path: '/api/agents/:id',
  access: 'operator',
  tag,
  summary: 'Rename a node or set its address',
  params,
  body: z
    .strictObject({
      name: displayName.optional(),
      url: z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .nullable()
        .optional(),
    })
    .refine((change) => Object.keys(change).length > 0, 'has nothing to change; send name or url'),
  status: 200,
  response: agent,
});

export const deleteAgent = defineRoute({
  method: 'delete',
  path: '/api/agents/:id',
  access: 'admin',
  tag,
  summary: 'Remove a node: its key and bus access end at once; 409 while it has services',
  params,
  status: 204,
});

export const listAgentContainers = defineRoute({
  method: 'get',
  path: '/api/agents/:id/containers',
  access: 'viewer',
  tag,
  summary: 'Containers as the node last reported them',
  params,
  query: listQuery(['name', 'image', 'state']),
  status: 200,
  response: page(observedContainer).extend({ reportedAt: instant.nullable() }),
});
