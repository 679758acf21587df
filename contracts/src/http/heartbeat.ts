import { z } from 'zod';
import { serviceReplicasReport } from '../replicas/replica-report.ts';
import { task, taskResult } from '../tasks/task.ts';
import { updateNginxResult } from '../tasks/update-nginx.ts';
import { contentRevision, entityId, instant, natsUserPublicKey, programVersion } from '../values/identifiers.ts';
import { port } from '../values/port.ts';
import { displayName } from '../values/text.ts';
import { bansReport, bansUpdate } from '../waf/node-bans.ts';
import { defineRoute } from './route.ts';

const tag = 'agent protocol';

/**
 * What agents send is read leniently (unknown fields are dropped), so that an agent one minor version newer works,
 * and with bounds on every size, so that a broken one does no harm.
 */
const text = (maxLength: number) => z.string().max(maxLength);

export const MAX_CONTAINERS_PER_AGENT = 2000;
/** Rendered text that one heartbeat may carry; what is left travels with the next one. */
export const MAX_SITE_CONFIG_BYTES_PER_HEARTBEAT = 262_144;

export const containerState = z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);

/** A container as the agent sees it; dockerode's types end at the agent's door. */
export const observedContainer = z.object({
  id: text(64),
  name: text(255),
  image: text(512),
  state: containerState,
  /** Docker's sentence, such as `Up 3 hours`. */
  status: text(128),
  health: z.enum(['healthy', 'unhealthy', 'starting']).nullable(),
  ports: z
    .array(
      z.object({
        containerPort: port,
        protocol: z.enum(['tcp', 'udp', 'sctp']),
        hostAddress: text(64).nullable(),
        hostPort: port.nullable(),
      }),
    )
    .max(200),
  networks: z.array(z.object({ name: text(128), address: text(64).nullable() })).max(50),
  composeProject: text(128).nullable(),
  composeService: text(128).nullable(),
  createdAt: instant,
});
export type ObservedContainer = z.infer<typeof observedContainer>;

/** What an agent tells of its host; sent when it changed and at the start of a session. */
export const agentFacts = z.object({
  hostname: text(255),
  operatingSystem: text(128),
  kernel: text(128),
  architecture: text(32),
  docker: z.object({ available: z.boolean(), version: text(64).nullable(), reason: text(512).nullable() }),
  proxy: z.object({
    state: z.enum(['serving', 'failed']),
    reason: text(4000).nullable(),
    nginxVersion: text(64).nullable(),
    httpPort: port,
    httpsPort: port,
  }),
});
export type AgentFacts = z.infer<typeof agentFacts>;

/** The text that nginx was given for a site, so that the dashboard shows what is on the node and not a guess. */
export const siteConfig = z.object({
  serviceId: entityId,
  serviceRevision: z.number().int().min(1),
  text: text(200_000),
});
export type SiteConfig = z.infer<typeof siteConfig>;

export const heartbeatRequest = z.object({
  agentVersion: programVersion,
  /** Made anew at each start of the agent: two sessions that alternate are two live agents under one id. */
  sessionId: z.uuid().optional(),
  bus: z.enum(['connected', 'polling']).default('polling'),
  /**
   * The Core's clock less the agent's, in milliseconds, measured at earlier heartbeats; null before the first one. Samples
   * carry corrected times.
   */
  clockOffsetMs: z.number().int().nullable().default(null),
  /** What nginx confirmed that it serves. */
  appliedRevision: contentRevision.nullable().default(null),
  taskResults: z.array(taskResult).max(100).default([]),
  /** What came of a change that no task asked for: an address moved, a name resolves at last, a port became free. */
  proxyResult: updateNginxResult.optional(),
  facts: agentFacts.optional(),
  /** The whole inventory, when it changed. */
  containers: z.array(observedContainer).max(MAX_CONTAINERS_PER_AGENT).optional(),
  siteConfigs: z.array(siteConfig).max(200).optional(),
  /** Services whose replicas have changed, each whole. */
  replicas: z.array(serviceReplicasReport).max(500).optional(),
  bans: bansReport.optional(),
});
export type HeartbeatRequest = z.infer<typeof heartbeatRequest>;

export const heartbeatResponse = z.object({
  tasks: z.array(task),
  heartbeatIntervalMs: z.number().int(),
  /** The Core's clock, for the agent to know its own error. */
  serverTime: instant,
  /** Set when the Core lacks facts or inventory of this agent: send both with the next heartbeat. */
  resend: z.boolean(),
  /** When the node’s bans are not the Core’s. */
  bans: bansUpdate.optional(),
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponse>;

export const heartbeat = defineRoute({
  method: 'post',
  path: '/api/heartbeat',
  access: 'agent',
  tag,
  summary: 'An agent reports and picks up its tasks',
  body: heartbeatRequest,
  status: 200,
  response: heartbeatResponse,
});

/** How an agent reaches the bus; the private half of the key never leaves the agent. */
export const busAccess = z.object({
  urls: z.array(z.string().max(2048)).max(16),
  jwt: z.string(),
  inboxPrefix: z.string(),
});
export type BusAccess = z.infer<typeof busAccess>;

export const registerAgent = defineRoute({
  method: 'post',
  path: '/api/agents/register',
  access: 'public',
  tag,
  summary: 'A new node joins with a join token; 401 when the token is unknown, used or expired',
  body: z.object({
    joinToken: z.string().min(1).max(200),
    name: displayName,
    version: programVersion,
    /** Without one the agent polls only. */
    busPublicKey: natsUserPublicKey.optional(),
  }),
  status: 201,
  response: z.object({
    agentId: entityId,
    /** Shown here once; the Core keeps a hash. */
    apiKey: z.string(),
    heartbeatIntervalMs: z.number().int(),
    bus: busAccess.nullable(),
  }),
});

export const renewBusAccess = defineRoute({
  method: 'post',
  path: '/api/agent/bus-access',
  access: 'agent',
  tag,
  summary: 'An agent exchanges a new public key for bus access; its earlier key is revoked',
  body: z.object({ busPublicKey: natsUserPublicKey }),
  status: 200,
  response: busAccess,
});
