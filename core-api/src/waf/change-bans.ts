import type { BanScope, WafGuards } from '@flotilla/contracts';
import {
  deleteAllowedNetwork,
  findBan,
  insertBans,
  liftBans,
  listExemptNetworks,
  newId,
  readWafGuards,
  recordAudit,
  saveAllowedNetwork,
  setBanExpiry,
  type AllowedNetworkRow,
  type BanRecord,
  type DatabaseSession,
} from '@flotilla/core-db';
import { cidrOf, whyNeverBanned, type ExemptNetwork } from '@flotilla/traffic';
import { BadRequest, NotFound, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';

export interface ChangeBansDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly now: () => Date;
  /** Tells all nodes that there is something to fetch. A hint: never rejects, and polling finds it too. */
  readonly wakeAll: () => Promise<void>;
}

export interface BanEdit {
  readonly user: RequestUser;
  readonly clientAddress: string | null;
}

interface Lasting {
  /** Null: until somebody ends it. */
  readonly lastingMs: number | null;
}

/** @throws BadRequest that names the targets that must never be banned */
export async function banByHand(
  deps: ChangeBansDeps,
  edit: BanEdit,
  wish: Lasting & { readonly targets: readonly string[]; readonly scope: BanScope; readonly comment: string },
): Promise<{ banned: number; alreadyBanned: number }> {
  const now = deps.now();
  const banned = await deps.inTransaction(async (tx) => {
    const problems = await findTargetProblems(tx, wish.targets);
    if (problems.length > 0) {
      const fields = problems.map(({ index, message }) => ({ field: `targets.${index}`, message }));
      throw new BadRequest('Some of these networks cannot be banned.', fields);
    }
    const bans = wish.targets.map((target) => ({
      id: newId(),
      target,
      agentId: wish.scope.kind === 'fleet' ? null : wish.scope.agentId,
      serviceId: wish.scope.kind === 'service' ? wish.scope.serviceId : null,
      state: 'active' as const,
      reason: { by: 'operator' as const, comment: wish.comment },
      ruleId: null,
      decisionKey: null,
      evidence: [],
      offence: 1,
      createdAt: now,
      createdBy: edit.user.email,
      expiresAt: endOf(wish, now),
    }));
    const added = await insertBans(tx, bans);
    if (added.length > 0) {
      const { targets, scope, lastingMs, comment } = wish;
      const after = { targets: targets.slice(0, 100), count: added.length, scope, lastingMs, comment };
      await auditBan(tx, 'ban.created', edit, { name: nameOf(targets), after });
    }
    return added.length;
  });
  await deps.wakeAll();
  return { banned, alreadyBanned: wish.targets.length - banned };
}

/** @throws NotFound when it has ended, or never was */
export async function liftBan(deps: ChangeBansDeps, edit: BanEdit, id: string): Promise<BanRecord> {
  const lifted = await deps.inTransaction(async (tx) => {
    const by = { at: deps.now(), by: edit.user.email };
    const [ended] = await liftBans(tx, { kind: 'one', id }, by);
    const ban = ended === undefined ? null : await findBan(tx, id);
    if (ban === null) throw new NotFound('ban in force', id);
    await auditBan(tx, 'ban.lifted', edit, { id, name: ban.target, before: ban.reason });
    return ban;
  });
  await deps.wakeAll();
  return lifted;
}

/** @param ruleId null for all bans. @returns how many */
export async function liftManyBans(deps: ChangeBansDeps, edit: BanEdit, ruleId: string | null): Promise<number> {
  const lifted = await deps.inTransaction(async (tx) => {
    const choice = ruleId === null ? { kind: 'all' as const } : { kind: 'rule' as const, ruleId };
    const ended = await liftBans(tx, choice, { at: deps.now(), by: edit.user.email });
    const targets = ended.map(({ target }) => target);
    if (ended.length > 0) {
      const before = { targets: targets.slice(0, 100), count: ended.length };
      await auditBan(tx, 'bans.lifted', edit, { name: ruleId ?? 'all', before });
    }
    return ended.length;
  });
  await deps.wakeAll();
  return lifted;
}

/** @throws NotFound when it has ended, or never was */
export async function extendBan(
  deps: ChangeBansDeps,
  edit: BanEdit,
  { id, lastingMs }: Lasting & { readonly id: string },
): Promise<BanRecord> {
  const extended = await deps.inTransaction(async (tx) => {
    const at = deps.now();
    const before = await findBan(tx, id);
    if (!(await setBanExpiry(tx, { id, at, expiresAt: endOf({ lastingMs }, at) })))
      throw new NotFound('ban in force', id);
    const after = await findBan(tx, id);
    if (after === null) throw new Error(`the ban ${id} went while it was held`);
    const states = { before: { expiresAt: before?.expiresAt }, after: { expiresAt: after.expiresAt } };
    await auditBan(tx, 'ban.extended', edit, { id, name: after.target, ...states });
    return after;
  });
  await deps.wakeAll();
  return extended;
}

/** Never bans networks from now on, and lifts the bans that are about something in them. */
export async function allowNetworks(
  deps: ChangeBansDeps,
  edit: BanEdit,
  wish: Lasting & { readonly networks: readonly string[]; readonly comment: string },
): Promise<{ items: AllowedNetworkRow[]; lifted: number }> {
  const result = await deps.inTransaction(async (tx) => {
    const at = deps.now();
    const items: AllowedNetworkRow[] = [];
    let lifted = 0;
    for (const network of wish.networks) {
      const row = { id: newId(), network, comment: wish.comment, createdAt: at, createdBy: edit.user.email };
      items.push(await saveAllowedNetwork(tx, { ...row, expiresAt: endOf(wish, at) }));
      lifted += (await liftBans(tx, { kind: 'within', network }, { at, by: edit.user.email })).length;
    }
    const after = { networks: wish.networks.slice(0, 100), lastingMs: wish.lastingMs, comment: wish.comment, lifted };
    await auditBan(tx, 'network.allowed', edit, { name: nameOf(wish.networks), after });
    return { items, lifted };
  });
  await deps.wakeAll();
  return result;
}

/** @throws NotFound */
export async function disallowNetwork(deps: ChangeBansDeps, edit: BanEdit, id: string): Promise<void> {
  await deps.inTransaction(async (tx) => {
    const deleted = await deleteAllowedNetwork(tx, id);
    if (deleted === null) throw new NotFound('allowed network', id);
    const { network, comment } = deleted;
    await auditBan(tx, 'network.disallowed', edit, { id, name: network, before: { network, comment } });
  });
  await deps.wakeAll();
}

/** Which of them nobody may ban, and why: they are too wide, or never banned. */
export async function findTargetProblems(
  tx: DatabaseSession,
  targets: readonly string[],
): Promise<{ index: number; message: string }[]> {
  const { widestOperatorPrefix } = await readWafGuards(tx);
  const networks = await listExemptNetworks(tx);
  const exempt = networks.map(({ network, why }) => ({ network: cidrOf(network), why }));
  return targets.flatMap((target, index) => {
    const message = whyNotBanned(target, widestOperatorPrefix, exempt);
    return message === null ? [] : [{ index, message }];
  });
}

function whyNotBanned(
  target: string,
  { ipv4, ipv6 }: WafGuards['widestOperatorPrefix'],
  exempt: readonly ExemptNetwork[],
): string | null {
  const [address = '', prefix] = target.split('/');
  const widest = address.includes(':') ? ipv6 : ipv4;
  if (Number(prefix) < widest) return `${target} is too wide: the firewall’s limits allow bans of at most /${widest}`;
  const why = whyNeverBanned(cidrOf(target), exempt);
  return why === null ? null : `${target} is never banned: it is ${why}`;
}

function endOf({ lastingMs }: Lasting, now: Date): Date | null {
  return lastingMs === null ? null : new Date(now.getTime() + lastingMs);
}

function nameOf(networks: readonly string[]): string {
  const [first = ''] = networks;
  return networks.length === 1 ? first : `${first} and ${networks.length - 1} more`;
}

type BanAction =
  'ban.created' | 'ban.lifted' | 'ban.extended' | 'bans.lifted' | 'network.allowed' | 'network.disallowed';

export function auditBan(
  tx: DatabaseSession,
  action: BanAction,
  { user, clientAddress }: BanEdit,
  subject: { readonly id?: string; readonly name: string; readonly before?: unknown; readonly after?: unknown },
): Promise<void> {
  const { id = null, name, before, after } = subject;
  const actor = userActor(user);
  return recordAudit(tx, { action, actor, subject: { kind: 'ban', id, name }, clientAddress, before, after });
}
