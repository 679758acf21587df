import {
  chooseDefaultErrorPages,
  createErrorPageSet,
  deleteErrorPageSet,
  fetchErrorPage,
  getErrorPageSet,
  getErrorPageVersion,
  listErrorPageSets,
  listErrorPageVersions,
  restoreErrorPageVersion,
  updateErrorPageSet,
} from '@flotilla/contracts';
import {
  findErrorPageOfAgent,
  findErrorPageSet,
  findErrorPageVersion,
  listErrorPageSets as readSets,
  listErrorPageVersions as readVersions,
  readErrorPageContents,
  type ErrorPageSetRecord,
} from '@flotilla/core-db';
import { handle, NotFound, type BoundRoute } from '../http/index.ts';
import * as change from './change-error-pages.ts';
import {
  formatErrorPageSet,
  formatErrorPageSummary,
  formatErrorPageVersion,
  formatPages,
} from './format-error-pages.ts';

export function errorPagesRoutes(deps: change.ChangeErrorPagesDeps): BoundRoute[] {
  const { database } = deps;
  const findSet = async (id: string): Promise<ErrorPageSetRecord> => {
    const set = await findErrorPageSet(database, id);
    if (set === null) throw new NotFound('set of error pages', id);
    return set;
  };
  const withContents = async (set: ErrorPageSetRecord) =>
    formatErrorPageSet(set, await readErrorPageContents(database, Object.values(set.pages)));
  return [
    handle(listErrorPageSets, async () => ({ items: (await readSets(database)).map(formatErrorPageSummary) })),
    handle(createErrorPageSet, async ({ body, user, clientAddress }) =>
      withContents(await change.createSet(deps, { user, clientAddress }, body)),
    ),
    handle(chooseDefaultErrorPages, ({ body, user, clientAddress }) =>
      change.chooseDefault(deps, { user, clientAddress }, body.setId),
    ),
    handle(getErrorPageSet, async ({ params }) => withContents(await findSet(params.id))),
    handle(updateErrorPageSet, async ({ params, body, user, clientAddress }) =>
      withContents(await change.replaceSet(deps, { user, clientAddress }, params.id, body)),
    ),
    handle(deleteErrorPageSet, ({ params, user, clientAddress }) =>
      change.removeSet(deps, { user, clientAddress }, params.id),
    ),
    handle(listErrorPageVersions, async ({ params }) => {
      const { id } = await findSet(params.id);
      return { items: (await readVersions(database, id)).map(formatErrorPageVersion) };
    }),
    handle(getErrorPageVersion, async ({ params }) => {
      const version = await findErrorPageVersion(database, params.id, params.revision);
      if (version === null) throw new NotFound('version', String(params.revision));
      const contents = await readErrorPageContents(database, Object.values(version.pages));
      return { ...formatErrorPageVersion(version), pages: formatPages(version.pages, contents) };
    }),
    handle(restoreErrorPageVersion, async ({ params, body, user, clientAddress }) =>
      withContents(await change.restoreVersion(deps, { user, clientAddress }, { ...params, ...body })),
    ),
    handle(fetchErrorPage, async ({ params, agent }) => {
      const html = await findErrorPageOfAgent(database, agent.id, params.hash);
      if (html === null) throw new NotFound('error page of this node', params.hash);
      return { html };
    }),
  ];
}
