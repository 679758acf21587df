import { z } from 'zod';
import { basicAuthInput, basicAuthView } from '../proxy/basic-auth.ts';
import { siteSettingsShape } from '../proxy/site-settings.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { domainName } from '../values/domain-name.ts';
import { displayName } from '../values/text.ts';
import { findReplicaProblems } from '../replicas/find-replica-problems.ts';
import { serviceReplicasReport } from '../replicas/replica-report.ts';
import { replicasInput, replicasView } from '../replicas/replica-settings.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

const tag = 'services';
const params = z.object({ id: entityId });
const serviceRevision = z.number().int().min(1);

/** Header that carries the revision that an edit starts from: `If-Match: "7"`. */
export const REVISION_HEADER = 'If-Match';

/** Nodes that one service can live on. */
export const MAX_NODES_PER_SERVICE = 50;

/** The nodes that serve a service, each of them by itself. In the order of their ids when they come from the Core. */
const serviceAgentIds = z
  .array(entityId)
  .min(1, 'choose at least one node')
  .max(MAX_NODES_PER_SERVICE, `a service can live on ${MAX_NODES_PER_SERVICE} nodes at most`)
  .refine((ids) => new Set(ids).size === ids.length, 'names a node twice; name each node once');

/** What an operator saves. Only name, domains, agentIds and target are needed. */
export const serviceInput = z
  .strictObject({
    name: displayName,
    agentIds: serviceAgentIds,
    ...siteSettingsShape,
    basicAuth: basicAuthInput.nullable().default(null),
    replicas: replicasInput.nullable().default(null),
    /** What a node has read of a container: gives the replicas' secrets that have no value here. */
    templateId: entityId.optional(),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of findReplicaProblems(settings)) context.addIssue({ code: 'custom', path, message });
  });
export type ServiceInput = z.infer<typeof serviceInput>;
/** The same before defaults are filled in. */
export type ServiceInputDraft = z.input<typeof serviceInput>;

export const serviceConfigurationState = z.enum(['applying', 'applied', 'rejected']);
export type ServiceConfigurationState = z.infer<typeof serviceConfigurationState>;

/** How far the service's latest revision has come on a node. */
export const serviceConfiguration = z.object({
  state: serviceConfigurationState,
  /** nginx's own words, or the agent's, when rejected. */
  reason: z.string().nullable(),
  /** The service's revision that nginx serves; null when it serves none. */
  appliedRevision: serviceRevision.nullable(),
  updatedAt: instant,
});
export type ServiceConfiguration = z.infer<typeof serviceConfiguration>;

/** A service's replicas on a node, as it last told. */
export const serviceNodeReplicas = z.object({
  ready: z.number().int().min(0),
  wanted: z.number().int().min(0),
  /** What an operator has to know and do; null when all is well. */
  problem: z.string().nullable(),
});

/** A node that a service lives on. */
export const serviceNode = z.object({
  agentId: entityId,
  agentName: z.string(),
  configuration: serviceConfiguration,
  /** Null when the service has none of its own, and before the node's first report. */
  replicas: serviceNodeReplicas.nullable(),
});
export type ServiceNode = z.infer<typeof serviceNode>;

/** What an operator gets back: the input, with passwords left out. */
export const serviceSettings = z.strictObject({
  name: displayName,
  agentIds: serviceAgentIds,
  ...siteSettingsShape,
  basicAuth: basicAuthView.nullable(),
  replicas: replicasView.nullable().default(null),
});
export type ServiceSettings = z.infer<typeof serviceSettings>;

export const service = serviceSettings.extend({
  id: entityId,
  revision: serviceRevision,
  createdAt: instant,
  updatedAt: instant,
  updatedBy: z.string(),
  /** By name. */
  nodes: z.array(serviceNode),
  /** The worst that any of its nodes says: rejected, else applying, else applied everywhere. */
  state: serviceConfigurationState,
});
export type Service = z.infer<typeof service>;

export const listServices = defineRoute({
  method: 'get',
  path: '/api/services',
  access: 'viewer',
  tag,
  summary: 'Services with their configuration state; `search` looks at names and domains',
  query: listQuery(['name', 'createdAt', 'updatedAt']).extend({
    agentId: entityId.optional(),
    state: serviceConfigurationState.optional(),
    domain: domainName.optional(),
  }),
  status: 200,
  response: page(service),
});

export const createService = defineRoute({
  method: 'post',
  path: '/api/services',
  access: 'operator',
  tag,
  summary: 'Add a service; 409 names the service that already has a domain on one of its nodes',
  body: serviceInput,
  status: 201,
  response: service,
});

export const getService = defineRoute({
  method: 'get',
  path: '/api/services/:id',
  access: 'viewer',
  tag,
  summary: 'One service; its ETag is the revision to send as If-Match',
  params,
  status: 200,
  response: service,
});

export const updateService = defineRoute({
  method: 'put',
  path: '/api/services/:id',
  access: 'operator',
  tag,
  summary:
    'Replace a service’s settings; with If-Match, 409 shows what somebody else changed meanwhile. While a scaling policy decides, `replicas.count` is ignored',
  params,
  body: serviceInput,
  status: 200,
  response: service,
});

export const deleteService = defineRoute({
  method: 'delete',
  path: '/api/services/:id',
  access: 'operator',
  tag,
  summary: 'Remove a service: its domains answer as unknown hosts',
  params,
  status: 204,
});

/** One saved state of a service, and what became of it on one node. */
export const serviceHistoryEntry = z.object({
  revision: serviceRevision,
  savedAt: instant,
  savedBy: z.string(),
  /** Set when this revision restored an earlier one. */
  restoredRevision: serviceRevision.nullable(),
  /** Null when the node was not one of the service's in this revision. */
  state: z.enum(['applying', 'applied', 'rejected', 'superseded']).nullable(),
  reason: z.string().nullable(),
  settings: serviceSettings,
  /** The nginx file that the agent rendered from it; null until the agent has reported it. */
  config: z.string().nullable(),
});
export type ServiceHistoryEntry = z.infer<typeof serviceHistoryEntry>;

/** One of the service's nodes; the first by name when it is left out. */
const ofNode = entityId.optional();

export const getServiceConfig = defineRoute({
  method: 'get',
  path: '/api/services/:id/config',
  access: 'viewer',
  tag,
  summary:
    'The nginx file that serves on a node, the state of the latest revision there, and the latest revisions (newest first)',
  params,
  query: z.strictObject({ agentId: ofNode, limit: z.coerce.number().int().min(1).max(100).default(20) }),
  status: 200,
  response: z.object({
    /** The node that is spoken of. */
    agentId: entityId,
    configuration: serviceConfiguration,
    /** The file that nginx serves now; null when it serves none of this service or has not reported it yet. */
    config: z.string().nullable(),
    history: z.array(serviceHistoryEntry),
  }),
});
export type ServiceConfig = z.infer<(typeof getServiceConfig)['response']>;

/** A difference in settings: dotted path, value before and after (absent when added or removed). */
export const settingsChange = z.object({
  field: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});
export type SettingsChange = z.infer<typeof settingsChange>;

export const diffServiceRevisions = defineRoute({
  method: 'get',
  path: '/api/services/:id/config/diff',
  access: 'viewer',
  tag,
  summary: 'What changed between two revisions, in the settings and in a node’s nginx file',
  params,
  query: z.strictObject({
    agentId: ofNode,
    from: z.coerce.number().int().min(1),
    to: z.coerce.number().int().min(1),
  }),
  status: 200,
  response: z.object({
    settings: z.array(settingsChange),
    /** Lines of both files in order; empty when one of the files was never reported. */
    config: z.array(z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() })),
  }),
});
export type ServiceRevisionDiff = z.infer<(typeof diffServiceRevisions)['response']>;

export const rollBackService = defineRoute({
  method: 'post',
  path: '/api/services/:id/rollback',
  access: 'operator',
  tag,
  summary: 'Save an earlier revision’s settings as a new revision; honours If-Match',
  params,
  body: z.strictObject({ revision: serviceRevision }),
  status: 200,
  response: service,
});

/** Extra members of the 409 of a domain that another service has. */
export const domainConflict = z.object({
  conflicts: z.array(z.object({ domain: z.string(), serviceId: entityId, serviceName: z.string() })),
});

/** Extra members of the 409 of an edit that starts from an old revision. */
export const revisionConflict = z.object({
  current: service,
  /** From the revision that the edit started from to the current one. */
  changes: z.array(settingsChange),
});

export const getServiceReplicas = defineRoute({
  method: 'get',
  path: '/api/services/:id/replicas',
  access: 'viewer',
  tag,
  summary: 'The service’s replicas as its nodes last reported them; null before a node’s first report',
  params,
  status: 200,
  response: z.object({
    /** By name. */
    nodes: z.array(
      z.object({
        agentId: entityId,
        agentName: z.string(),
        report: serviceReplicasReport.nullable(),
        /** When that was reported; null before the first time. */
        reportedAt: instant.nullable(),
      }),
    ),
  }),
});
