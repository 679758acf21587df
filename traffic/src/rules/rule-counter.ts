import type { Rule } from '@flotilla/contracts';
import { BoundedGroups } from './bounded-groups.ts';
import { compileMatch, memoryMsOf, type MatchPart, type PreparedRequest } from './compile-rule.ts';
import { DecayingCount } from './decaying-count.ts';
import type { Toll } from './decide-outcome.ts';
import { GroupState } from './group-state.ts';
import type { Observation } from './observation.ts';
import { LEDGER_HALF_LIFE_MS } from './traffic-ledger.ts';

/** One rule with what it has counted. */
export class RuleCounter {
  readonly rule: Rule;
  readonly memoryMs: number;
  readonly groups: BoundedGroups<GroupState>;
  /** While too many are banned nothing more is decided, and one decision says so for all. */
  cappedUntilMs = 0;
  /** Null for a rule that counts all requests. */
  readonly #parts: readonly MatchPart[] | null;
  /** What its bans of the last ten minutes cover. */
  readonly #ordinaryRequests = new DecayingCount(LEDGER_HALF_LIFE_MS);
  readonly #clients = new DecayingCount(LEDGER_HALF_LIFE_MS);

  constructor(rule: Rule, maxGroups: number) {
    this.rule = rule;
    this.memoryMs = memoryMsOf(rule);
    this.groups = new BoundedGroups(maxGroups, this.memoryMs);
    this.#parts = rule.match.of === 'volume' ? null : compileMatch(rule.match);
  }

  isMatch(prepared: PreparedRequest): boolean {
    if (this.#parts === null) return false;
    for (const part of this.#parts) if (!part.test(prepared)) return false;
    return true;
  }

  /** The group's state with the observation counted; null when there is no room for it now. */
  count(group: string, observation: Observation): GroupState | null {
    const state = this.groups.open(group, observation.timeMs, () => new GroupState(this.rule, this.memoryMs));
    state?.add(observation);
    return state;
  }

  /** What the rule covers once it has banned somebody of so much ordinary traffic. */
  tollWith(ordinaryRequests: number, timeMs: number): Toll {
    return {
      ordinaryRequests: this.#ordinaryRequests.at(timeMs) + ordinaryRequests,
      clients: this.#clients.at(timeMs) + 1,
    };
  }

  noteBan(ordinaryRequests: number, timeMs: number): void {
    this.#ordinaryRequests.add(ordinaryRequests, timeMs);
    this.#clients.add(1, timeMs);
  }
}
