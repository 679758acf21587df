import type { Rule, SuspectsMessage } from '@flotilla/contracts';
import { BoundedMap } from './bounded-map.ts';
import { classBits } from './compile-rule.ts';
import { RuleEngine, type RuleEngineOptions } from './correlate-suspects.ts';
import type { Observation, SuspiciousRequests } from './observation.ts';
import { observationsOfMessage } from './observations-of-message.ts';
import { plainPath } from './plain-path.ts';
import { RuleCounter } from './rule-counter.ts';
import type { RuleDecision } from './rule-decision.ts';

/** One engine has the groups of all partitions. */
const MAX_GROUPS = 20_000;
const MAX_CLIENTS = 100_000;
const MAX_HITS = 10_000;

/** Somebody whom the rule has found. */
export interface TrialHit {
  readonly decision: RuleDecision;
  /** All requests of it that nodes have told of in the whole span. */
  readonly requests: number;
  /** Those of them that nothing was suspicious about. */
  readonly ordinaryRequests: number;
  /** Whether it did nothing suspicious but what the rule counts. */
  readonly isOtherwiseInnocent: boolean;
}

interface ClientTally {
  requests: number;
  ordinary: number;
  /** Suspicious requests that the rule does not count. */
  others: number;
}

/** Runs one rule over what nodes have told, in event time; what it bans is only counted. Memory is bounded. */
export class RuleTrial {
  readonly #rule: Rule;
  readonly #engine: RuleEngine;
  readonly #matcher: RuleCounter;
  readonly #clients = new BoundedMap<string, ClientTally>(MAX_CLIENTS);
  readonly #hits = new Map<string, RuleDecision>();
  /** Found beyond those that are remembered. */
  #beyond = 0;

  /** @throws {TypeError} when the rule's pattern does not compile */
  constructor(rule: Rule, options: Partial<RuleEngineOptions>) {
    this.#rule = { ...rule, isEnabled: true, isDryRun: false };
    this.#engine = new RuleEngine([this.#rule], { ...options, maxGroups: MAX_GROUPS, maxClients: MAX_CLIENTS });
    this.#matcher = new RuleCounter(this.#rule, 1);
  }

  /** @param receivedAtMs when the bus took the message */
  observe(message: SuspectsMessage, nodeId: string, receivedAtMs: number): void {
    const { node, observations } = observationsOfMessage(message, nodeId, receivedAtMs);
    if (node !== null) this.#engine.noteNode(node);
    for (const observation of observations) {
      this.#tally(observation);
      for (const decision of this.#engine.observe(observation)) this.#note(decision);
    }
  }

  /** Whom the rule has found, in the order of when, and how many more there were than are remembered. */
  finish(): { readonly hits: readonly TrialHit[]; readonly beyond: number } {
    const hits = [...this.#hits.values()].map((decision): TrialHit => {
      const { requests, ordinary, others } = this.#clients.get(decision.group) ?? {
        requests: 0,
        ordinary: 0,
        others: 0,
      };
      return { decision, requests, ordinaryRequests: ordinary, isOtherwiseInnocent: others === 0 };
    });
    return { hits, beyond: this.#beyond };
  }

  /** The first decision about each: what follows is the same offence, or the next. */
  #note(decision: RuleDecision): void {
    if (this.#hits.has(decision.group)) return;
    if (this.#hits.size < MAX_HITS) this.#hits.set(decision.group, decision);
    else this.#beyond += 1;
  }

  #tally(observation: Observation): void {
    const key = this.#groupOf(observation.client);
    const tally = this.#clients.get(key) ?? { requests: 0, ordinary: 0, others: 0 };
    if (observation.of === 'volume') {
      tally.requests += observation.count;
      tally.ordinary += observation.ordinary;
    } else if (!this.#isCounted(observation)) tally.others += observation.count;
    this.#clients.set(key, tally);
  }

  #isCounted(request: SuspiciousRequests): boolean {
    const path = request.path === null ? '' : plainPath(request.path);
    return this.#matcher.isMatch({ request, classBits: classBits(request.classes), path });
  }

  #groupOf(client: string): string {
    if (client.includes('/')) return client;
    return this.#rule.grouping === 'network' ? `${client.slice(0, client.lastIndexOf('.'))}.0/24` : `${client}/32`;
  }
}
