import {
  createService,
  deleteService,
  diffServiceRevisions,
  getService,
  getServiceConfig,
  getServiceReplicas,
  listServices,
  rollBackService,
  updateService,
} from '@flotilla/contracts';
import {
  findService,
  findServiceRevision,
  listServiceReplicas,
  listServiceRevisions,
  listServices as readServices,
  type DatabaseSession,
  type ServiceRecord,
} from '@flotilla/core-db';
import type { Request, Response } from 'express';
import { BadRequest, handle, NotFound, type BoundRoute, type RequestUser } from '../http/index.ts';
import { chooseNode } from '../shared/choose-node.ts';
import { formatConfiguration, formatHistoryEntry, formatService } from './format-service.ts';
import { parseIfMatch } from './parse-if-match.ts';
import { planConfigDiff } from './plan-config-diff.ts';
import { planSettingsDiff } from './plan-settings-diff.ts';
import * as save from './save-service.ts';

export interface ServicesRoutesDeps extends save.SaveServiceDeps {
  readonly database: DatabaseSession;
}

export function servicesRoutes(deps: ServicesRoutesDeps): BoundRoute[] {
  const { database } = deps;
  return [
    handle(listServices, async ({ query }) => {
      const { items, total } = await readServices(database, query);
      return { items: items.map(formatService), total, page: query.page, pageSize: query.pageSize };
    }),
    handle(createService, async (context) => {
      const service = await save.createService(deps, context.body, readEditor(context));
      context.response.set('Location', `/api/services/${service.id}`);
      return answerWith(context.response, service);
    }),
    handle(getService, async ({ params, response }) => answerWith(response, await find(database, params.id))),
    handle(updateService, async (context) =>
      answerWith(
        context.response,
        await save.replaceService(deps, context.params.id, context.body, readEditor(context)),
      ),
    ),
    handle(rollBackService, async (context) =>
      answerWith(
        context.response,
        await save.rollBackService(deps, context.params.id, context.body.revision, readEditor(context)),
      ),
    ),
    handle(deleteService, async (context) => save.removeService(deps, context.params.id, readEditor(context))),
    handle(getServiceConfig, async ({ params, query }) => readConfig(database, params.id, query)),
    handle(getServiceReplicas, async ({ params }) => readReplicas(database, params.id)),
    handle(diffServiceRevisions, async ({ params, query }) => diffRevisions(database, params.id, query)),
  ];
}

function readEditor(context: { request: Request; user: RequestUser; clientAddress: string | null }): save.Editor {
  const ifMatch = parseIfMatch(context.request.get('if-match'));
  if (ifMatch !== null) return { user: context.user, clientAddress: context.clientAddress, ifMatch };
  const message = 'is not a revision; send the service’s ETag, such as "7"';
  throw new BadRequest('The header If-Match cannot be read.', [{ field: 'If-Match', message }]);
}

/** The ETag is the revision that the next edit starts from. */
function answerWith(response: Response, service: ServiceRecord) {
  response.set('ETag', `"${service.revision}"`);
  return formatService(service);
}

async function find(database: DatabaseSession, id: string): Promise<ServiceRecord> {
  const service = await findService(database, id);
  if (service === null) throw new NotFound('service', id);
  return service;
}

async function readConfig(
  database: DatabaseSession,
  id: string,
  { agentId: asked, limit }: { agentId?: string | undefined; limit: number },
) {
  const node = chooseNode(await find(database, id), asked);
  const { agentId, appliedRevision } = node;
  const serving = appliedRevision === null ? null : await findServiceRevision(database, id, appliedRevision, agentId);
  const history = await listServiceRevisions(database, id, agentId, limit);
  return {
    agentId,
    configuration: formatConfiguration(node),
    config: serving?.node?.config ?? null,
    history: history.map(formatHistoryEntry),
  };
}

async function readReplicas(database: DatabaseSession, id: string) {
  await find(database, id);
  return { nodes: await listServiceReplicas(database, id) };
}

async function diffRevisions(
  database: DatabaseSession,
  id: string,
  { agentId: asked, from, to }: { agentId?: string | undefined; from: number; to: number },
) {
  const { agentId } = chooseNode(await find(database, id), asked);
  const [before, after] = await Promise.all(
    [from, to].map(async (revision) => {
      const row = await findServiceRevision(database, id, revision, agentId);
      if (row === null) throw new NotFound('revision', String(revision));
      return formatHistoryEntry(row);
    }),
  );
  if (before === undefined || after === undefined) throw new Error('two revisions were asked for');
  return {
    settings: planSettingsDiff(before.settings, after.settings),
    config: before.config === null || after.config === null ? [] : planConfigDiff(before.config, after.config),
  };
}
