import { MAX_OWN_RULES, type Rule, type RuleSettings, type RuleView } from '@flotilla/contracts';
import { deleteWafRule, listWafRules, newId, recordAudit, saveWafRule, type DatabaseSession } from '@flotilla/core-db';
import { describeRule, findPatternProblems, isShippedRule, planRules } from '@flotilla/traffic';
import { BadRequest, Conflict, NotFound } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import type { BanEdit, ChangeBansDeps } from './change-bans.ts';

type RulesDeps = Pick<ChangeBansDeps, 'database' | 'inTransaction' | 'now'>;

export async function readRules(db: DatabaseSession): Promise<RuleView[]> {
  const stored = await listWafRules(db);
  const changes = new Map(stored.map((row) => [row.id, row]));
  return planRules(stored).map((rule) => {
    const { updatedAt, updatedBy = null } = changes.get(rule.id) ?? {};
    return { rule, sentence: describeRule(rule), updatedAt: updatedAt?.toISOString() ?? null, updatedBy };
  });
}

/** @throws BadRequest, Conflict */
export async function addRule(deps: RulesDeps, edit: BanEdit, settings: RuleSettings): Promise<RuleView> {
  refusePatterns(settings);
  const id = newId();
  return deps.inTransaction(async (tx) => {
    const own = (await listWafRules(tx)).filter((row) => !isShippedRule(row.id));
    if (own.length >= MAX_OWN_RULES)
      throw new Conflict(`There are ${MAX_OWN_RULES} rules of your own; remove one first.`);
    return save(tx, deps, edit, { id, settings, before: null });
  });
}

/** @throws BadRequest, NotFound */
export async function changeRule(
  deps: RulesDeps,
  edit: BanEdit,
  { id, settings }: { readonly id: string; readonly settings: RuleSettings },
): Promise<RuleView> {
  refusePatterns(settings);
  return deps.inTransaction(async (tx) => {
    const before = (await readRules(tx)).find(({ rule }) => rule.id === id)?.rule ?? null;
    if (before === null) throw new NotFound('rule', id);
    return save(tx, deps, edit, { id, settings, before });
  });
}

/** @throws NotFound for one that is not there, and for a shipped one that is as it was */
export async function removeRule(deps: RulesDeps, edit: BanEdit, id: string): Promise<void> {
  await deps.inTransaction(async (tx) => {
    const removed = await deleteWafRule(tx, id);
    if (removed === null) throw new NotFound('changed rule', id);
    await audit(tx, 'rule.removed', edit, { id, name: removed.settings.name, before: removed.settings });
  });
}

async function save(
  tx: DatabaseSession,
  { now }: RulesDeps,
  edit: BanEdit,
  { id, settings, before }: { readonly id: string; readonly settings: RuleSettings; readonly before: Rule | null },
): Promise<RuleView> {
  await saveWafRule(tx, { id, settings, updatedAt: now(), updatedBy: edit.user.email });
  await audit(tx, 'rule.saved', edit, { id, name: settings.name, before, after: settings });
  const saved = (await readRules(tx)).find(({ rule }) => rule.id === id);
  if (saved === undefined) throw new Error(`the rule ${id} cannot be read back`);
  return saved;
}

/** What the schema cannot check. @throws BadRequest */
export function refusePatterns(settings: RuleSettings): void {
  const problems = findPatternProblems(settings);
  if (problems.length === 0) return;
  throw new BadRequest(
    'The rule has a pattern that does not compile.',
    problems.map(({ path, message }) => ({ field: path.join('.'), message })),
  );
}

function audit(
  tx: DatabaseSession,
  action: 'rule.saved' | 'rule.removed',
  { user, clientAddress }: BanEdit,
  subject: { readonly id: string; readonly name: string; readonly before: unknown; readonly after?: unknown },
): Promise<void> {
  const { id, name, before, after } = subject;
  // A shipped rule has words for an id.
  const subjectId = isShippedRule(id) ? null : id;
  const actor = userActor(user);
  return recordAudit(tx, {
    action,
    actor,
    subject: { kind: 'rule', id: subjectId, name },
    clientAddress,
    before,
    after,
  });
}
