import { z } from 'zod';
import { errorPageHtml, errorPages, errorPageSetInput, MAX_ERROR_PAGE_BODY_BYTES } from '../error-pages/error-page.ts';
import { errorPageHash, errorPageKey } from '../error-pages/error-page-key.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { displayName } from '../values/text.ts';
import { defineRoute } from './route.ts';

const tag = 'error-pages';
const params = z.object({ id: entityId });
const revision = z.number().int().min(1);

/** Versions of a set that are kept: the newest. */
export const KEPT_ERROR_PAGE_VERSIONS = 100;

/** A set without its HTML. */
export const errorPageSetSummary = z.object({
  id: entityId,
  name: displayName,
  /** Whether services that choose none get this one. */
  isDefault: z.boolean(),
  /** 1, 2, 3 … for each save. */
  revision,
  pages: z.array(z.object({ key: errorPageKey, bytes: z.number().int() })),
  /** How many services answer with it. */
  services: z.number().int().min(0),
  updatedAt: instant,
  updatedBy: z.string(),
});
export type ErrorPageSetSummary = z.infer<typeof errorPageSetSummary>;

export const errorPageSet = errorPageSetSummary.extend({ pages: errorPages });
export type ErrorPageSet = z.infer<typeof errorPageSet>;

export const listErrorPageSets = defineRoute({
  method: 'get',
  path: '/api/error-pages',
  access: 'viewer',
  tag,
  summary: 'Sets of error pages, by name',
  status: 200,
  response: z.object({ items: z.array(errorPageSetSummary) }),
});

export const createErrorPageSet = defineRoute({
  method: 'post',
  path: '/api/error-pages',
  access: 'operator',
  tag,
  summary:
    'Add a set: HTML by status (`404`) or class (`5xx`), with {{status}}, {{domain}}, {{requestId}} and {{time}}',
  body: errorPageSetInput,
  maxBodyBytes: MAX_ERROR_PAGE_BODY_BYTES,
  status: 201,
  response: errorPageSet,
});

export const getErrorPageSet = defineRoute({
  method: 'get',
  path: '/api/error-pages/:id',
  access: 'viewer',
  tag,
  summary: 'One set with its HTML',
  params,
  status: 200,
  response: errorPageSet,
});

export const updateErrorPageSet = defineRoute({
  method: 'put',
  path: '/api/error-pages/:id',
  access: 'operator',
  tag,
  summary: 'Replace a set’s pages; 409 when `revision`, which the edit started from, is not the newest',
  params,
  body: errorPageSetInput.extend({ revision }),
  maxBodyBytes: MAX_ERROR_PAGE_BODY_BYTES,
  status: 200,
  response: errorPageSet,
});

export const deleteErrorPageSet = defineRoute({
  method: 'delete',
  path: '/api/error-pages/:id',
  access: 'operator',
  tag,
  summary: 'Remove a set with its versions; 409 while services have chosen it',
  params,
  status: 204,
});

export const chooseDefaultErrorPages = defineRoute({
  method: 'post',
  path: '/api/error-pages/default',
  access: 'operator',
  tag,
  summary: 'Choose the set of services that choose none; null for nginx’s own pages',
  body: z.strictObject({ setId: entityId.nullable() }),
  status: 204,
});

export const errorPageVersion = z.object({
  revision,
  name: displayName,
  keys: z.array(errorPageKey),
  savedAt: instant,
  savedBy: z.string(),
  /** Set when this version restored an earlier one. */
  restoredRevision: revision.nullable(),
});
export type ErrorPageVersion = z.infer<typeof errorPageVersion>;

export const listErrorPageVersions = defineRoute({
  method: 'get',
  path: '/api/error-pages/:id/versions',
  access: 'viewer',
  tag,
  summary: `The latest ${KEPT_ERROR_PAGE_VERSIONS} versions of a set, newest first`,
  params,
  status: 200,
  response: z.object({ items: z.array(errorPageVersion) }),
});

export const getErrorPageVersion = defineRoute({
  method: 'get',
  path: '/api/error-pages/:id/versions/:revision',
  access: 'viewer',
  tag,
  summary: 'An earlier version with its HTML',
  params: params.extend({ revision: z.coerce.number().int().min(1) }),
  status: 200,
  response: errorPageVersion.extend({ pages: errorPages }),
});

export const restoreErrorPageVersion = defineRoute({
  method: 'post',
  path: '/api/error-pages/:id/restore',
  access: 'operator',
  tag,
  summary: 'Save an earlier version’s pages as a new version',
  params,
  body: z.strictObject({ revision }),
  status: 200,
  response: errorPageSet,
});

/** JSON, so that no browser ever shows an operator's HTML at the Core's own address. */
export const fetchErrorPage = defineRoute({
  method: 'get',
  path: '/api/agent/error-pages/:hash',
  access: 'agent',
  tag: 'agents',
  summary: 'One page by its content’s hash; 404 unless one of the node’s own sites has it',
  params: z.object({ hash: errorPageHash }),
  status: 200,
  response: z.object({ html: errorPageHtml }),
});
