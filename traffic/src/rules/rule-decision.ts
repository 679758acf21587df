import type { BanFigures, Rule } from '@flotilla/contracts';
import type { DecidedScope } from './active-bans.ts';
import type { ChosenScope, Judgement, RuleOutcome } from './decide-outcome.ts';
import type { GroupState } from './group-state.ts';
import { renderEvidence } from './render-evidence.ts';

const MINUTE_MS = 60_000;
/** How long a person has before the same is held, or spared, once more. */
const REPEAT_MS = 10 * MINUTE_MS;

/** What became of a rule that had seen enough. */
export interface RuleDecision {
  /** The same for the same decision, whoever makes it: a unique key of where it is stored. */
  readonly key: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly outcome: RuleOutcome;
  /** In words; empty when the outcome says all. */
  readonly reason: string;
  /** A network as `formatCidr` gives it, or `AS64500`. */
  readonly group: string;
  /** Where it bans, or would; null when the rule bans nobody. */
  readonly scope: DecidedScope | null;
  /** It was to be for more than one node, but only one had seen it. */
  readonly isNarrowed: boolean;
  /** Of the observation that was the last one needed. */
  readonly timeMs: number;
  /** Null when the rule bans nobody. */
  readonly durationMs: number | null;
  /** 1 for the first that is remembered. */
  readonly offence: number;
  readonly figures: BanFigures;
  /** Of ordinary traffic that the rule would cover; null when it is not known, or too little to tell. */
  readonly share: number | null;
  /** Lines without control characters, the newest last. */
  readonly evidence: readonly string[];
}

interface DecisionParts {
  readonly rule: Rule;
  readonly target: string;
  readonly chosen: ChosenScope | null;
  readonly judgement: Judgement;
  readonly offence: number;
  readonly durationMs: number | null;
  readonly state: GroupState;
  readonly timeMs: number;
}

export function buildDecision(parts: DecisionParts): RuleDecision {
  const { rule, target, chosen, judgement, offence, durationMs, state, timeMs } = parts;
  return {
    key: [rule.id, judgement.outcome, target, keyOf(chosen?.scope ?? null), timeMs].join(' '),
    ruleId: rule.id,
    ruleName: rule.name,
    ...judgement,
    group: target,
    scope: chosen?.scope ?? null,
    isNarrowed: chosen?.isNarrowed ?? false,
    timeMs,
    durationMs,
    offence,
    figures: state.figures(),
    evidence: state.recent.map((observation) => renderEvidence(observation)),
  };
}

function keyOf(scope: DecidedScope | null): string {
  if (scope === null) return '-';
  if (scope.kind === 'fleet') return 'fleet';
  return scope.kind === 'node' ? `node ${scope.nodeId}` : `service ${scope.serviceId} ${scope.nodeId ?? 'everywhere'}`;
}

/** For how long the same is not decided again. */
export function quietMsOf(outcome: RuleOutcome, durationMs: number | null, memoryMs: number): number {
  if (outcome === 'dry_run') return durationMs ?? REPEAT_MS;
  if (outcome === 'held' || outcome === 'spared') return REPEAT_MS;
  return Math.max(memoryMs, MINUTE_MS);
}
