import type { EventKind } from '@flotilla/contracts';
import type { NewBan, NewEvent } from '@flotilla/core-db';
import type { RuleDecision } from '@flotilla/traffic';

/** What is stored of a rule's decision. */
export interface DecisionRecord {
  /** Null when nobody is banned by it. */
  readonly ban: Omit<NewBan, 'id'> | null;
  /** Null for what nobody has to know. */
  readonly event: NewEvent | null;
}

const EVENTS: Readonly<Record<RuleDecision['outcome'], EventKind | null>> = {
  banned: 'waf.banned',
  held: 'waf.held',
  recorded: 'waf.noticed',
  notified: 'waf.noticed',
  dry_run: 'waf.noticed',
  // Decided anew when there is more.
  capped: null,
  spared: null,
};

/** Plans what a decision becomes in the database. */
export function planBan(decision: RuleDecision): DecisionRecord {
  const { outcome, ruleId, ruleName, group, scope, reason, share, figures, timeMs } = decision;
  const kind = EVENTS[outcome];
  const [agentId, serviceId] = scopeOf(decision);
  const data = { ruleId, ruleName, target: group, outcome, reason, share, figures, scope: scope?.kind ?? null };
  const event = kind === null ? null : { kind, at: new Date(timeMs), agentId, serviceId, data };
  return { ban: outcome === 'banned' || outcome === 'held' ? toBan(decision, outcome) : null, event };
}

function toBan(decision: RuleDecision, outcome: 'banned' | 'held'): Omit<NewBan, 'id'> | null {
  const { ruleId, ruleName, group, durationMs, timeMs, figures, isNarrowed, offence, evidence, key } = decision;
  if (durationMs === null) return null;
  const [agentId, serviceId] = scopeOf(decision);
  return {
    target: group,
    agentId,
    serviceId,
    state: outcome === 'held' ? 'held' : 'active',
    reason: { by: 'rule', ruleId, ruleName, figures, isNarrowed },
    ruleId,
    decisionKey: key,
    evidence,
    offence,
    createdAt: new Date(timeMs),
    createdBy: ruleName,
    expiresAt: new Date(timeMs + durationMs),
  };
}

function scopeOf({ scope }: RuleDecision): [agentId: string | null, serviceId: string | null] {
  if (scope === null || scope.kind === 'fleet') return [null, null];
  return scope.kind === 'node' ? [scope.nodeId, null] : [scope.nodeId, scope.serviceId];
}
