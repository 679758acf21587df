import { createHash } from 'node:crypto';
import {
  KEPT_ERROR_PAGE_VERSIONS,
  type AuditAction,
  type ErrorPageKey,
  type ErrorPages,
  type ErrorPageSetInput,
} from '@flotilla/contracts';
import {
  deleteErrorPageSet,
  findErrorPageSet,
  findErrorPageVersion,
  holdErrorPages,
  insertErrorPageContents,
  isUniqueViolation,
  listErrorPageAgents,
  listErrorPageChoosers,
  listErrorPageSets,
  newId,
  pruneErrorPages,
  recordAudit,
  saveErrorPageSet,
  setDefaultErrorPages,
  type DatabaseSession,
  type ErrorPageSetRecord,
  type SavedErrorPages,
} from '@flotilla/core-db';
import { BadRequest, Conflict, NotFound, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';

export interface ChangeErrorPagesDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  /** Makes the node's desired state its newest task. */
  readonly refreshDesiredState: (tx: DatabaseSession, agentId: string, createdBy: string) => Promise<void>;
  /** Tells a node that there is something to fetch. A hint: never rejects, and polling finds it too. */
  readonly wakeAgent: (agentId: string) => void;
  readonly now: () => Date;
}

export interface ErrorPagesEditor {
  readonly user: RequestUser;
  readonly clientAddress: string | null;
}

type Stored = Pick<SavedErrorPages, 'name' | 'pages'>;

/** Adds a set. Nobody answers with it before a service, or the fleet, has chosen it. @throws Conflict */
export async function createSet(
  deps: ChangeErrorPagesDeps,
  editor: ErrorPagesEditor,
  input: ErrorPageSetInput,
): Promise<ErrorPageSetRecord> {
  return change(deps, editor, async (tx) => {
    const id = newId();
    const stored = await storePages(tx, input);
    await save(deps, tx, editor, { ...stored, id, revision: 1, restoredRevision: null });
    await audit(tx, editor, 'error_pages.created', { id, name: stored.name, after: stored });
    return { result: await readSet(tx, id), touched: [] };
  });
}

/** Replaces a set's pages. @throws NotFound, Conflict */
export async function replaceSet(
  deps: ChangeErrorPagesDeps,
  editor: ErrorPagesEditor,
  id: string,
  { revision, ...input }: ErrorPageSetInput & { readonly revision: number },
): Promise<ErrorPageSetRecord> {
  return change(deps, editor, async (tx) => {
    const before = await readSet(tx, id);
    if (before.revision !== revision) {
      const words = `${before.updatedBy} saved version ${before.revision} meanwhile; yours starts from ${revision}.`;
      throw new Conflict(words, { revision: before.revision }, 'revision-conflict');
    }
    return saveAgain(deps, tx, editor, before, { ...(await storePages(tx, input)), restoredRevision: null });
  });
}

/** Saves an earlier version as a new one. @throws NotFound, Conflict */
export async function restoreVersion(
  deps: ChangeErrorPagesDeps,
  editor: ErrorPagesEditor,
  { id, revision }: { readonly id: string; readonly revision: number },
): Promise<ErrorPageSetRecord> {
  return change(deps, editor, async (tx) => {
    const before = await readSet(tx, id);
    const version = await findErrorPageVersion(tx, id, revision);
    if (version === null) throw new NotFound('version', String(revision));
    const { name, pages } = version;
    return saveAgain(deps, tx, editor, before, { name, pages, restoredRevision: revision });
  });
}

/** Removes a set; services that had it as the default go back to nginx's own pages. @throws NotFound, Conflict */
export async function removeSet(deps: ChangeErrorPagesDeps, editor: ErrorPagesEditor, id: string): Promise<void> {
  return change(deps, editor, async (tx) => {
    const before = await readSet(tx, id);
    const choosers = await listErrorPageChoosers(tx, id);
    if (choosers.length > 0) {
      const named = choosers.slice(0, 5).join(', ') + (choosers.length > 5 ? ', …' : '');
      throw new Conflict(`Services have chosen these pages: ${named}. Choose others for them first.`, {}, 'in-use');
    }
    await deleteErrorPageSet(tx, id);
    await pruneErrorPages(tx, KEPT_ERROR_PAGE_VERSIONS);
    await audit(tx, editor, 'error_pages.deleted', { id, name: before.name, before: storedOf(before) });
    return { result: undefined, touched: await listErrorPageAgents(tx, { id, ofDefault: before.isDefault }) };
  });
}

/** @param id null for nginx's own pages @throws BadRequest when there is no such set */
export async function chooseDefault(
  deps: ChangeErrorPagesDeps,
  editor: ErrorPagesEditor,
  id: string | null,
): Promise<void> {
  return change(deps, editor, async (tx) => {
    const before = (await listErrorPageSets(tx)).find(({ isDefault }) => isDefault) ?? null;
    if (!(await setDefaultErrorPages(tx, id))) {
      const field = { field: 'setId', message: `names no set of error pages: ${id}; choose one that is there` };
      throw new BadRequest('There is no such set of error pages.', [field]);
    }
    const after = id === null ? null : await readSet(tx, id);
    await audit(tx, editor, 'error_pages.default_chosen', {
      id,
      name: after?.name ?? 'nginx',
      before: { default: before?.name ?? null },
      after: { default: after?.name ?? null },
    });
    return { result: undefined, touched: await listErrorPageAgents(tx, { id: null, ofDefault: true }) };
  });
}

interface Changed<Result> {
  readonly result: Result;
  /** Nodes whose sites have other pages now. In order. */
  readonly touched: readonly string[];
}

/** What every change has in common: one at a time, and the nodes hear of it. */
async function change<Result>(
  deps: ChangeErrorPagesDeps,
  { user }: ErrorPagesEditor,
  work: (tx: DatabaseSession) => Promise<Changed<Result>>,
): Promise<Result> {
  const { result, touched } = await deps.inTransaction(async (tx) => {
    await holdErrorPages(tx);
    const changed = await work(tx);
    for (const agentId of changed.touched) await deps.refreshDesiredState(tx, agentId, user.email);
    return changed;
  });
  for (const agentId of touched) deps.wakeAgent(agentId);
  return result;
}

async function saveAgain(
  deps: ChangeErrorPagesDeps,
  tx: DatabaseSession,
  editor: ErrorPagesEditor,
  before: ErrorPageSetRecord,
  after: Stored & { readonly restoredRevision: number | null },
): Promise<Changed<ErrorPageSetRecord>> {
  const { id, isDefault } = before;
  await save(deps, tx, editor, { ...after, id, revision: before.revision + 1 });
  const action = after.restoredRevision === null ? 'error_pages.updated' : 'error_pages.restored';
  await audit(tx, editor, action, { id, name: after.name, before: storedOf(before), after: storedOf(after) });
  return { result: await readSet(tx, id), touched: await listErrorPageAgents(tx, { id, ofDefault: isDefault }) };
}

async function save(
  { now }: ChangeErrorPagesDeps,
  tx: DatabaseSession,
  { user }: ErrorPagesEditor,
  saved: Omit<SavedErrorPages, 'savedAt' | 'savedBy'>,
): Promise<void> {
  try {
    await saveErrorPageSet(tx, { ...saved, savedAt: now(), savedBy: user.email });
  } catch (error) {
    if (!isUniqueViolation(error, 'error_page_sets_name_key')) throw error;
    throw new Conflict(`Another set is called ${saved.name}. Choose another name.`, {}, 'name-taken');
  }
  await pruneErrorPages(tx, KEPT_ERROR_PAGE_VERSIONS);
}

async function storePages(tx: DatabaseSession, { name, pages }: ErrorPageSetInput): Promise<Stored> {
  const contents = Object.entries(pages as ErrorPages).map(([key, html]) => ({ key, html, hash: hashOf(html) }));
  await insertErrorPageContents(tx, [...new Map(contents.map(({ hash, html }) => [hash, { hash, html }])).values()]);
  return { name, pages: Object.fromEntries(contents.map(({ key, hash }) => [key as ErrorPageKey, hash])) };
}

function hashOf(html: string): string {
  return createHash('sha256').update(html, 'utf8').digest('hex');
}

async function readSet(tx: DatabaseSession, id: string): Promise<ErrorPageSetRecord> {
  const set = await findErrorPageSet(tx, id);
  if (set === null) throw new NotFound('set of error pages', id);
  return set;
}

/** The audit log has the contents' hashes; the contents are in the versions. */
function storedOf({ name, pages }: Stored): Stored {
  return { name, pages };
}

function audit(
  tx: DatabaseSession,
  { user, clientAddress }: ErrorPagesEditor,
  action: Extract<AuditAction, `error_pages.${string}`>,
  subject: { readonly id: string | null; readonly name: string; readonly before?: unknown; readonly after?: unknown },
): Promise<void> {
  const { id, name, before, after } = subject;
  const actor = userActor(user);
  return recordAudit(tx, { action, actor, subject: { kind: 'error_pages', id, name }, clientAddress, before, after });
}
