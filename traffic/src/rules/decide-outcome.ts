import { SHIPPED_GUARDS, type Rule, type WafGuards } from '@flotilla/contracts';
import type { DecidedScope } from './active-bans.ts';

/** How much is banned before a person is asked. */
export interface GuardSettings extends Pick<
  WafGuards,
  'maxBansPerMinute' | 'maxOrdinaryShare' | 'leastAgentsForFleet' | 'widestRulePrefix'
> {
  /** With fewer ordinary requests in ten minutes a share of them says nothing. */
  readonly leastOrdinaryRequests: number;
  /** The same for clients, which are what counts with rules for volumes: there all requests are what the rule is about. */
  readonly leastClients: number;
}

export const GUARD_DEFAULTS: GuardSettings = { ...SHIPPED_GUARDS, leastOrdinaryRequests: 1000, leastClients: 50 };

/** What a ban would cover, with those that the rule has made in the last ten minutes. */
export interface Toll {
  readonly ordinaryRequests: number;
  readonly clients: number;
}

interface Situation {
  readonly rule: Pick<Rule, 'match' | 'action' | 'isDryRun'>;
  /** Why the target must not be banned, in words that follow "is"; null when it may. */
  readonly exemption: string | null;
  /** Of addresses or networks; null for what is no network of IPv4. */
  readonly prefixBits: number | null;
  readonly bansInLastMinute: number;
  readonly toll: Toll;
  /** All that was served; null when no node has told. */
  readonly totals: Toll | null;
}

export const ruleOutcomes = ['banned', 'recorded', 'notified', 'held', 'spared', 'capped', 'dry_run'] as const;
/**
 * `banned`; `recorded` and `notified`, as the rule has it; `held` for a person to confirm; `spared`, because it must never be
 * banned; `capped`, because too many were in the last minute: it is decided anew when there is more evidence; `dry_run`.
 */
export type RuleOutcome = (typeof ruleOutcomes)[number];

export interface Judgement {
  readonly outcome: RuleOutcome;
  /** In words; empty when the outcome says all. */
  readonly reason: string;
  /** Of ordinary traffic that the rule would cover; null when it is not known, or too little to tell. */
  readonly share: number | null;
}

/** What becomes of a rule that has seen enough. */
export function decideOutcome(situation: Situation, settings: GuardSettings): Judgement {
  const { rule, exemption, bansInLastMinute } = situation;
  if (rule.action.kind === 'record') return { outcome: 'recorded', reason: '', share: null };
  if (rule.action.kind === 'notify') return { outcome: 'notified', reason: '', share: null };
  if (exemption !== null) return { outcome: 'spared', reason: `is never banned: ${exemption}`, share: null };
  if (situation.prefixBits !== null && situation.prefixBits < settings.widestRulePrefix) {
    const reason = `a whole /${situation.prefixBits} is wider than rules may ban (/${settings.widestRulePrefix})`;
    return { outcome: 'held', reason, share: null };
  }
  const share = measureShare(situation, settings);
  if (share !== null && share > settings.maxOrdinaryShare) {
    const percent = Math.round(share * 100);
    const what = rule.match.of === 'volume' ? 'clients' : 'ordinary requests';
    const reason = `with this ban the rule would cover ${percent} % of the ${what} of the last ten minutes`;
    return { outcome: 'held', reason, share };
  }
  if (rule.isDryRun) return { outcome: 'dry_run', reason: '', share };
  if (bansInLastMinute >= settings.maxBansPerMinute) {
    return { outcome: 'capped', reason: `${bansInLastMinute} bans in the last minute are as many as may be`, share };
  }
  return { outcome: 'banned', reason: '', share };
}

function measureShare({ rule, toll, totals }: Situation, settings: GuardSettings): number | null {
  if (totals === null) return null;
  const [covered, all, least] =
    rule.match.of === 'volume'
      ? [toll.clients, totals.clients, settings.leastClients]
      : [toll.ordinaryRequests, totals.ordinaryRequests, settings.leastOrdinaryRequests];
  return all < least ? null : Math.min(1, covered / all);
}

/** What a scope is chosen from. */
export interface ScopeEvidence {
  readonly nodeId: string;
  readonly serviceId: string | null;
  /** Nodes that saw enough of it. */
  readonly witnesses: number;
  /** The one that saw most of it. */
  readonly chiefNode: string;
  /** Nodes that must have seen enough of it before more than one refuses. */
  readonly leastWitnesses: number;
}

export interface ChosenScope {
  readonly scope: DecidedScope;
  readonly isNarrowed: boolean;
}

/**
 * Where a ban takes hold. What one node alone has seen is believed for that node only, since an agent may be somebody
 * else's: for more than one node several must have seen it.
 */
export function chooseScope(reach: 'service' | 'node' | 'fleet', evidence: ScopeEvidence): ChosenScope {
  const { nodeId, serviceId, witnesses, leastWitnesses, chiefNode } = evidence;
  if (reach === 'node') return { scope: { kind: 'node', nodeId }, isNarrowed: false };
  const isNarrowed = witnesses < leastWitnesses;
  if (reach === 'service' && serviceId !== null) {
    return { scope: { kind: 'service', serviceId, nodeId: isNarrowed ? nodeId : null }, isNarrowed };
  }
  // Requests that reached no service are no service's to refuse.
  if (reach === 'service') return { scope: { kind: 'node', nodeId }, isNarrowed: false };
  return { scope: isNarrowed ? { kind: 'node', nodeId: chiefNode } : { kind: 'fleet' }, isNarrowed };
}
