import { listAgentContainers, type ObservedContainer } from '@flotilla/contracts';
import type { ApiClient } from '../../shared/api-client.ts';

const PAGE_SIZE = 200;
/** As many as a node can report (contracts: `MAX_CONTAINERS_PER_AGENT`). */
const MAX_PAGES = 10;

/** All containers that a node last reported. @throws ApiProblem, CoreUnreachable */
export async function listAllContainers(
  api: Pick<ApiClient, 'call'>,
  agentId: string,
  signal: AbortSignal,
): Promise<ObservedContainer[]> {
  const found: ObservedContainer[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const query = { page, pageSize: PAGE_SIZE };
    const { items, total } = await api.call(listAgentContainers, { params: { id: agentId }, query, signal });
    found.push(...items);
    if (items.length === 0 || found.length >= total) break;
  }
  return found;
}
