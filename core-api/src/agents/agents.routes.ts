import {
  deleteAgent,
  getAgent,
  listAgentContainers,
  listAgents,
  registerAgent as registerAgentRoute,
  renewBusAccess,
  updateAgent,
} from '@flotilla/contracts';
import { listAgents as readAgents, readAgentContainers, type DatabaseSession } from '@flotilla/core-db';
import { handle, NotFound, type BoundRoute, type RateLimit } from '../http/index.ts';
import { changeAgent, readAgent, removeAgent, renewBusKey, type ChangeAgentsDeps } from './change-agents.ts';
import { formatAgent } from './format-agent.ts';
import { planContainerPage } from './plan-container-page.ts';
import { registerAgent } from './register-agent.ts';

export interface AgentsRoutesDeps extends ChangeAgentsDeps {
  readonly database: DatabaseSession;
  readonly heartbeatIntervalMs: number;
  /** Guessing join tokens is hopeless; this keeps it cheap for us as well. */
  readonly registrationLimit: RateLimit;
}

export function agentsRoutes(deps: AgentsRoutesDeps): BoundRoute[] {
  const { database, heartbeatIntervalMs, registrationLimit } = deps;
  return [
    handle(
      registerAgentRoute,
      async ({ body, clientAddress }) => ({
        ...(await registerAgent(deps, body, clientAddress)),
        heartbeatIntervalMs,
      }),
      { limit: registrationLimit },
    ),
    handle(renewBusAccess, async ({ agent, body }) => renewBusKey(deps, agent, body.busPublicKey)),
    handle(listAgents, async ({ query }) => {
      const { items, total } = await readAgents(database, query);
      return { items: items.map(formatAgent), total, page: query.page, pageSize: query.pageSize };
    }),
    handle(getAgent, async ({ params }) => formatAgent(await readAgent(database, params.id))),
    handle(updateAgent, async ({ params, body, user, clientAddress }) =>
      formatAgent(await changeAgent(deps, params.id, body, { user, clientAddress })),
    ),
    handle(deleteAgent, async ({ params, user, clientAddress }) =>
      removeAgent(deps, params.id, { user, clientAddress }),
    ),
    handle(listAgentContainers, async ({ params, query }) => {
      const inventory = await readAgentContainers(database, params.id);
      if (inventory === null) throw new NotFound('node', params.id);
      const { items, total } = planContainerPage(inventory.containers ?? [], query);
      return { items, total, page: query.page, pageSize: query.pageSize, reportedAt: inventory.reportedAt };
    }),
  ];
}
