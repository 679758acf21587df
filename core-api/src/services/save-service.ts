import type { ServiceInput } from '@flotilla/contracts';
import {
  claimDomains,
  deleteService,
  findService,
  findServiceRevision,
  insertService,
  insertServiceRevision,
  lockAgents,
  lockService,
  newId,
  recordAudit,
  updateService,
  type DatabaseSession,
  type SavedService,
  type ServiceRecord,
} from '@flotilla/core-db';
import { BadRequest, Conflict, NotFound, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import { formatService, formatSettings } from './format-service.ts';
import { sealReplicas } from '../shared/replica-secrets.ts';
import type { SecretBox } from '../shared/secret-box.ts';
import { hashBasicAuth } from './hash-basic-auth.ts';
import type { IfMatch } from './parse-if-match.ts';
import { planSettingsDiff } from './plan-settings-diff.ts';
import { saveScale } from './save-scale.ts';

export interface SaveServiceDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  /** Makes the node's desired state its newest task. */
  readonly refreshDesiredState: (tx: DatabaseSession, agentId: string, createdBy: string) => Promise<void>;
  /** Seals what a container's settings have of secrets. */
  readonly secretBox: SecretBox;
  /** Tells a node that there is something to fetch. A hint: never rejects, and polling finds it too. */
  readonly wakeAgent: (agentId: string) => void;
}

export interface Editor {
  readonly user: RequestUser;
  readonly clientAddress: string | null;
  /** The revision that the edit starts from. */
  readonly ifMatch: Exclude<IfMatch, null>;
}

/** Adds a service. @throws BadRequest, Conflict */
export async function createService(
  deps: SaveServiceDeps,
  input: ServiceInput,
  editor: Editor,
): Promise<ServiceRecord> {
  const created = await deps.inTransaction(async (tx) => {
    await holdAgents(tx, [input.agentId]);
    const saved = buildSaved(deps, newId(), 1, input, null, editor);
    await insertService(tx, saved);
    await recordSave(deps, tx, saved, { editor, before: null, restoredRevision: null });
    return readSaved(tx, saved.id);
  });
  deps.wakeAgent(created.agentId);
  return created;
}

/** Replaces a service's settings. @throws NotFound, BadRequest, Conflict */
export async function replaceService(
  deps: SaveServiceDeps,
  id: string,
  input: ServiceInput,
  editor: Editor,
): Promise<ServiceRecord> {
  return changeService(deps, id, editor, async () => ({ input, restoredRevision: null }));
}

/** Saves an earlier revision's settings as a new one. @throws NotFound, Conflict */
export async function rollBackService(
  deps: SaveServiceDeps,
  id: string,
  revision: number,
  editor: Editor,
): Promise<ServiceRecord> {
  return changeService(deps, id, editor, async (tx) => {
    const row = await findServiceRevision(tx, id, revision);
    if (row === null) throw new NotFound('revision', String(revision));
    return { row, restoredRevision: revision };
  });
}

type Change =
  | { readonly input: ServiceInput; readonly restoredRevision: null }
  | { readonly row: Pick<SavedService, 'name' | 'agentId' | 'settings'>; readonly restoredRevision: number };

async function changeService(
  deps: SaveServiceDeps,
  id: string,
  editor: Editor,
  readChange: (tx: DatabaseSession) => Promise<Change>,
): Promise<ServiceRecord> {
  const { service, formerAgentId } = await deps.inTransaction(async (tx) => {
    const change = await readChange(tx);
    const target = 'input' in change ? change.input : change.row;
    const before = await holdServiceAndAgents(tx, id, [target.agentId]);
    await checkIfMatch(tx, before, editor.ifMatch);
    const saved =
      'input' in change
        ? buildSaved(deps, id, before.revision + 1, change.input, before, editor)
        : { ...change.row, id, revision: before.revision + 1, savedBy: editor.user.email };
    await updateService(tx, saved);
    await recordSave(deps, tx, saved, { editor, before, restoredRevision: change.restoredRevision });
    return { service: await readSaved(tx, id), formerAgentId: before.agentId };
  });
  for (const agentId of new Set([formerAgentId, service.agentId])) deps.wakeAgent(agentId);
  return service;
}

/** Removes a service. @throws NotFound */
export async function removeService(deps: SaveServiceDeps, id: string, editor: Editor): Promise<void> {
  const agentId = await deps.inTransaction(async (tx) => {
    const before = await holdServiceAndAgents(tx, id, []);
    await checkIfMatch(tx, before, editor.ifMatch);
    await deleteService(tx, id);
    await deps.refreshDesiredState(tx, before.agentId, editor.user.email);
    await audit(tx, 'service.deleted', before, { editor, before, after: null });
    return before.agentId;
  });
  deps.wakeAgent(agentId);
}

function buildSaved(
  { secretBox }: SaveServiceDeps,
  id: string,
  revision: number,
  { name, agentId, basicAuth, replicas, ...settings }: ServiceInput,
  before: ServiceRecord | null,
  { user }: Editor,
): SavedService {
  const hashed = hashBasicAuth(basicAuth, before?.settings.basicAuth ?? null);
  const sealed = sealReplicas(replicas, before?.settings.replicas ?? null, secretBox);
  const stored = { ...settings, basicAuth: hashed, replicas: sealed };
  return { id, name, agentId, revision, savedBy: user.email, settings: stored };
}

/** What every save has in common, after the service's own row. */
async function recordSave(
  deps: SaveServiceDeps,
  tx: DatabaseSession,
  saved: SavedService,
  context: { editor: Editor; before: ServiceRecord | null; restoredRevision: number | null },
): Promise<void> {
  const { before, editor, restoredRevision } = context;
  const conflicts = await claimDomains(tx, saved);
  if (conflicts.length > 0) {
    const named = conflicts.map(({ domain, serviceName }) => `${domain} (${serviceName})`).join(', ');
    throw new Conflict(`Other services of this node have these domains: ${named}.`, { conflicts }, 'domain-conflict');
  }
  await insertServiceRevision(tx, saved, restoredRevision);
  await saveScale(tx, saved, before);
  for (const agentId of new Set([before?.agentId ?? saved.agentId, saved.agentId])) {
    await deps.refreshDesiredState(tx, agentId, editor.user.email);
  }
  const action =
    before === null ? 'service.created' : restoredRevision === null ? 'service.updated' : 'service.rolled_back';
  await audit(tx, action, saved, { editor, before, after: saved });
}

async function audit(
  tx: DatabaseSession,
  action: 'service.created' | 'service.updated' | 'service.rolled_back' | 'service.deleted',
  { id, name }: { id: string; name: string },
  states: { editor: Editor; before: ServiceRecord | null; after: SavedService | null },
): Promise<void> {
  const { editor, before, after } = states;
  const describe = (state: Pick<SavedService, 'name' | 'agentId' | 'settings'> | null) =>
    state === null ? undefined : formatSettings(state.name, state.agentId, state.settings);
  await recordAudit(tx, {
    action,
    actor: userActor(editor.user),
    subject: { kind: 'service', id, name },
    clientAddress: editor.clientAddress,
    before: describe(before),
    after: describe(after),
  });
}

async function checkIfMatch(
  tx: DatabaseSession,
  current: ServiceRecord,
  ifMatch: Exclude<IfMatch, null>,
): Promise<void> {
  if (ifMatch.kind === 'any' || ifMatch.revision === current.revision) return;
  const base = await findServiceRevision(tx, current.id, ifMatch.revision);
  const shown = formatService(current);
  const changes = planSettingsDiff(
    base === null ? {} : formatSettings(base.name, base.agentId, base.settings),
    formatSettings(current.name, current.agentId, current.settings),
  );
  const detail = `${current.updatedBy} saved revision ${current.revision} meanwhile; yours starts from ${ifMatch.revision}.`;
  throw new Conflict(detail, { current: shown, changes }, 'revision-conflict');
}

/** Agents first, then the service: everybody locks in this order, so that nobody waits in a circle. */
async function holdServiceAndAgents(
  tx: DatabaseSession,
  id: string,
  otherAgentIds: readonly string[],
): Promise<ServiceRecord> {
  const found = await findService(tx, id);
  if (found === null) throw new NotFound('service', id);
  await holdAgents(tx, [found.agentId, ...otherAgentIds]);
  const service = await lockService(tx, id);
  if (service === null) throw new NotFound('service', id);
  // Moved by somebody else between the two reads: the lock on its node is missing.
  if (service.agentId !== found.agentId)
    throw new Conflict('The service was moved to another node meanwhile; try again.');
  return service;
}

async function holdAgents(tx: DatabaseSession, ids: readonly string[]): Promise<void> {
  const held = await lockAgents(tx, ids);
  const missing = ids.find((id) => !held.has(id));
  if (missing === undefined) return;
  throw new BadRequest('There is no such node.', [{ field: 'agentId', message: `names no node: ${missing}` }]);
}

async function readSaved(tx: DatabaseSession, id: string): Promise<ServiceRecord> {
  const service = await findService(tx, id);
  if (service === null) throw new Error(`service ${id} is gone within its own transaction`);
  return service;
}
