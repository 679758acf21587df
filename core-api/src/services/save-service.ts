import type { ServiceInput } from '@flotilla/contracts';
import {
  claimDomains,
  deleteService,
  findAgent,
  findErrorPageSet,
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
import { formatService, formatServiceSettings, formatSettings } from './format-service.ts';
import { readKnownSecrets } from '../shared/container-templates.ts';
import { sealReplicas } from '../shared/replica-secrets.ts';
import type { SecretBox } from '../shared/secret-box.ts';
import { checkCertificate } from './check-certificate.ts';
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
  readonly now: () => Date;
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
    await holdAgents(tx, input.agentIds);
    const saved = await buildSaved({ ...deps, tx }, newId(), 1, input, null, editor);
    await insertService(tx, saved);
    await recordSave(deps, tx, saved, { editor, before: null, restoredRevision: null });
    return readSaved(tx, saved.id);
  });
  wakeAgents(deps, listAgentIds(created));
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
    const row = await findServiceRevision(tx, id, revision, null);
    if (row === null) throw new NotFound('revision', String(revision));
    // Nodes that were removed since cannot serve it again; the others can.
    const agentIds = [];
    for (const agentId of row.agentIds) if ((await findAgent(tx, agentId)) !== null) agentIds.push(agentId);
    if (agentIds.length === 0) throw new Conflict('None of the nodes of that revision is there any more.');
    const { name, settings } = row;
    return { row: { name, settings, agentIds }, restoredRevision: revision };
  });
}

type Change =
  | { readonly input: ServiceInput; readonly restoredRevision: null }
  | { readonly row: Pick<SavedService, 'name' | 'agentIds' | 'settings'>; readonly restoredRevision: number };

async function changeService(
  deps: SaveServiceDeps,
  id: string,
  editor: Editor,
  readChange: (tx: DatabaseSession) => Promise<Change>,
): Promise<ServiceRecord> {
  const { service, touched } = await deps.inTransaction(async (tx) => {
    const change = await readChange(tx);
    const target = 'input' in change ? change.input : change.row;
    const before = await holdServiceAndAgents(tx, id, target.agentIds);
    await checkIfMatch(tx, before, editor.ifMatch);
    const saved =
      'input' in change
        ? await buildSaved({ ...deps, tx }, id, before.revision + 1, change.input, before, editor)
        : { ...change.row, id, revision: before.revision + 1, savedBy: editor.user.email };
    await updateService(tx, saved);
    await recordSave(deps, tx, saved, { editor, before, restoredRevision: change.restoredRevision });
    return { service: await readSaved(tx, id), touched: [...listAgentIds(before), ...saved.agentIds] };
  });
  wakeAgents(deps, touched);
  return service;
}

/** Removes a service. @throws NotFound */
export async function removeService(deps: SaveServiceDeps, id: string, editor: Editor): Promise<void> {
  const agentIds = await deps.inTransaction(async (tx) => {
    const before = await holdServiceAndAgents(tx, id, []);
    await checkIfMatch(tx, before, editor.ifMatch);
    await deleteService(tx, id);
    for (const agentId of listAgentIds(before)) await deps.refreshDesiredState(tx, agentId, editor.user.email);
    await audit(tx, 'service.deleted', before, { editor, before, after: null });
    return listAgentIds(before);
  });
  wakeAgents(deps, agentIds);
}

/** In order: several changes at once then meet each node in the same order. */
function listAgentIds({ nodes }: ServiceRecord): string[] {
  return nodes.map(({ agentId }) => agentId).toSorted();
}

function wakeAgents({ wakeAgent }: SaveServiceDeps, agentIds: readonly string[]): void {
  for (const agentId of new Set(agentIds)) wakeAgent(agentId);
}

async function buildSaved(
  { secretBox, now, tx }: SaveServiceDeps & { readonly tx: DatabaseSession },
  id: string,
  revision: number,
  { name, agentIds, basicAuth, replicas, templateId, ...settings }: ServiceInput,
  before: ServiceRecord | null,
  { user }: Editor,
): Promise<SavedService> {
  await checkErrorPages(tx, settings.errorPages.set);
  const hashed = hashBasicAuth(basicAuth, before?.settings.basicAuth ?? null);
  const known = await readKnownSecrets(tx, templateId, before?.settings.replicas ?? null, now());
  const sealed = sealReplicas(replicas, known, secretBox);
  const stored = { ...settings, basicAuth: hashed, replicas: sealed };
  return { id, name, agentIds: agentIds.toSorted(), revision, savedBy: user.email, settings: stored };
}

/** Sets change only while all nodes are held, so that it stays true. @throws BadRequest */
async function checkErrorPages(tx: DatabaseSession, choice: ServiceInput['errorPages']['set']): Promise<void> {
  if (choice === 'default' || choice === 'none' || (await findErrorPageSet(tx, choice)) !== null) return;
  const message = `names no set of error pages: ${choice}; choose one that is there, default or none`;
  throw new BadRequest('There is no such set of error pages.', [{ field: 'errorPages.set', message }]);
}

/** What every save has in common, after the service's own row. */
async function recordSave(
  deps: SaveServiceDeps,
  tx: DatabaseSession,
  saved: SavedService,
  context: { editor: Editor; before: ServiceRecord | null; restoredRevision: number | null },
): Promise<void> {
  const { before, editor, restoredRevision } = context;
  await checkCertificate(tx, saved.settings);
  const conflicts = await claimDomains(tx, saved);
  if (conflicts.length > 0) {
    const named = conflicts.map(({ domain, serviceName }) => `${domain} (${serviceName})`).join(', ');
    throw new Conflict(`Other services of these nodes have these domains: ${named}.`, { conflicts }, 'domain-conflict');
  }
  await insertServiceRevision(tx, saved, restoredRevision);
  await saveScale(tx, saved, before);
  const touched = new Set([...(before === null ? [] : listAgentIds(before)), ...saved.agentIds]);
  for (const agentId of [...touched].toSorted()) await deps.refreshDesiredState(tx, agentId, editor.user.email);
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
  await recordAudit(tx, {
    action,
    actor: userActor(editor.user),
    subject: { kind: 'service', id, name },
    clientAddress: editor.clientAddress,
    before: before === null ? undefined : formatServiceSettings(before),
    after: after === null ? undefined : formatSettings(after),
  });
}

async function checkIfMatch(
  tx: DatabaseSession,
  current: ServiceRecord,
  ifMatch: Exclude<IfMatch, null>,
): Promise<void> {
  if (ifMatch.kind === 'any' || ifMatch.revision === current.revision) return;
  const base = await findServiceRevision(tx, current.id, ifMatch.revision, null);
  const shown = formatService(current);
  const changes = planSettingsDiff(base === null ? {} : formatSettings(base), formatServiceSettings(current));
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
  const held = new Set([...listAgentIds(found), ...otherAgentIds]);
  await holdAgents(tx, [...otherAgentIds, ...held]);
  const service = await lockService(tx, id);
  if (service === null) throw new NotFound('service', id);
  // Moved by somebody else between the two reads: the lock on one of its nodes is missing.
  if (!listAgentIds(service).every((agentId) => held.has(agentId)))
    throw new Conflict('The service was moved to another node meanwhile; try again.');
  return service;
}

async function holdAgents(tx: DatabaseSession, ids: readonly string[]): Promise<void> {
  const held = await lockAgents(tx, ids);
  const missing = ids.findIndex((id) => !held.has(id));
  if (missing === -1) return;
  const message = `names no node: ${ids[missing]}; choose one that is there`;
  throw new BadRequest('There is no such node.', [{ field: `agentIds.${missing}`, message }]);
}

async function readSaved(tx: DatabaseSession, id: string): Promise<ServiceRecord> {
  const service = await findService(tx, id);
  if (service === null) throw new Error(`service ${id} is gone within its own transaction`);
  return service;
}
