import type { Rule } from '@flotilla/contracts';
import type { ExemptNetwork } from '../addresses/never-banned.ts';
import { ActiveBans, type ActiveBan } from './active-bans.ts';
import { classBits, type PreparedRequest } from './compile-rule.ts';
import { chooseScope, decideOutcome, GUARD_DEFAULTS, type ChosenScope, type GuardSettings } from './decide-outcome.ts';
import type { GroupState } from './group-state.ts';
import type { ClientVolume, NodeTraffic, Observation, SuspiciousRequests } from './observation.ts';
import { escalate, Offences } from './offences.ts';
import { hashText } from './hash-text.ts';
import { plainPath } from './plain-path.ts';
import { RuleCounter } from './rule-counter.ts';
import { buildDecision, quietMsOf, type RuleDecision } from './rule-decision.ts';
import { SparedClients } from './spared-clients.ts';
import { TrafficLedger } from './traffic-ledger.ts';

const MINUTE_MS = 60_000;
/** How long a rule waits when too many were banned. */
const CAPPED_MS = 10_000;
const NONE: readonly RuleDecision[] = [];
/** Enough for a partition; what comes beyond must be seen more often than what is there. */
const DEFAULT_MAX_GROUPS = 5000;
const DEFAULT_MAX_CLIENTS = 50_000;

export interface RuleEngineOptions {
  /** Trusted proxies, the Core's and the agents' addresses, the allow list. */
  readonly exempt: readonly ExemptNetwork[];
  readonly guards: GuardSettings;
  /** Bans that rules made in the last minute, also in other engines; asked when somebody is to be banned. */
  readonly countFleetBans: () => number;
  /** Of all clients, the share that comes to this engine: a worker's has one partition of many. */
  readonly clientShare: number;
  /** Groups of one rule that are counted at once. */
  readonly maxGroups: number;
  readonly maxClients: number;
  /** Whether its name was confirmed forwards. Asked when somebody is to be banned; answers from what it knows. */
  readonly isVerifiedCrawler: (target: string) => boolean;
  /** Null where it is not known; without a database of them it never is. */
  readonly asnOf: (client: string) => number | null;
}

const DEFAULTS: RuleEngineOptions = {
  exempt: [],
  guards: GUARD_DEFAULTS,
  countFleetBans: () => 0,
  clientShare: 1,
  maxGroups: DEFAULT_MAX_GROUPS,
  maxClients: DEFAULT_MAX_CLIENTS,
  isVerifiedCrawler: () => false,
  asnOf: () => null,
};

/**
 * Runs rules over what agents observed. Time is that of the observations, so the same observations give the same decisions,
 * live or from history. Memory is bounded whatever comes.
 */
export class RuleEngine {
  readonly #options: RuleEngineOptions;
  #guards: GuardSettings;
  #counters: readonly RuleCounter[] = [];
  #countsNetworks = false;
  readonly #bans = new ActiveBans();
  readonly #offences = new Offences();
  readonly #spared: SparedClients;
  readonly #ledger: TrafficLedger;
  /** When the last bans were decided. */
  #bannedAtMs: number[] = [];

  /** @throws {TypeError} when a pattern does not compile: `findPatternProblems` is asked before a rule is taken */
  constructor(rules: readonly Rule[], options: Partial<RuleEngineOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
    this.#guards = this.#options.guards;
    this.#spared = new SparedClients(this.#options.exempt, this.#options.isVerifiedCrawler);
    this.#ledger = new TrafficLedger(this.#options.maxClients);
    this.setRules(rules);
  }

  /** Takes other rules; what those that stay as they are have counted stays as well. */
  setRules(rules: readonly Rule[]): void {
    const known = new Map(this.#counters.map((counter) => [JSON.stringify(counter.rule), counter]));
    this.#counters = rules
      .filter(({ isEnabled }) => isEnabled)
      .map((rule) => known.get(JSON.stringify(rule)) ?? new RuleCounter(rule, this.#options.maxGroups));
    this.#countsNetworks = this.#counters.some(({ rule }) => rule.grouping === 'network');
  }

  setExempt(exempt: readonly ExemptNetwork[]): void {
    this.#spared.setExempt(exempt);
  }

  setGuards(guards: Partial<GuardSettings>): void {
    this.#guards = { ...this.#options.guards, ...guards };
  }

  /** How far back an engine that begins must read to know what one that never ended knows. */
  get memoryMs(): number {
    return Math.max(MINUTE_MS, ...this.#counters.map(({ memoryMs }) => memoryMs));
  }

  noteNode(traffic: NodeTraffic): void {
    this.#ledger.noteNode(traffic);
  }

  /** Tells of a ban that is there already: of an operator, of a limiter, or of this rule before the engine began. */
  noteBan(ban: ActiveBan, offence: number, atMs: number): void {
    this.#bans.add(ban);
    if (ban.ruleId !== null) this.#offences.note(`${ban.ruleId} ${ban.target}`, offence, atMs);
  }

  /** Forgets a ban that was lifted, with what had led to it: the next one needs as much evidence as the first. */
  lift(target: string): void {
    this.#bans.lift(target);
    for (const { groups } of this.#counters) groups.delete(target);
  }

  /** Whether requests of the client are refused already: whatever they are, they are no new evidence. */
  isRefused(client: string, nodeId: string, serviceId: string | null, timeMs: number): boolean {
    return this.#isCovered({ nodeId, timeMs }, targetsOf(client), serviceId);
  }

  /** Why a client must not be banned; null when it may. */
  whySpared(client: string, timeMs: number): string | null {
    return this.#spared.why(targetsOf(client).client, timeMs);
  }

  observe(observation: Observation): readonly RuleDecision[] {
    const targets = targetsOf(observation.client);
    return observation.of === 'volume'
      ? this.#observeVolume(observation, targets)
      : this.#observeRequests(observation, targets);
  }

  #observeVolume(volume: ClientVolume, targets: Targets): readonly RuleDecision[] {
    this.#ledger.note(targets.client, volume);
    if (this.#countsNetworks) this.#ledger.note(targets.network, volume);
    if (volume.hasFetchedChallenge) this.#spared.noteChallenge(targets.client, volume.timeMs);
    if (!volume.isFast || this.#isCovered(volume, targets, null)) return NONE;
    return this.#run(volume, targets, (counter, group) => {
      if (counter.rule.match.of !== 'volume') return null;
      const state = counter.count(group, volume);
      state?.addPages(volume.pageHashes, volume.isSketch);
      return state;
    });
  }

  #observeRequests(request: SuspiciousRequests, targets: Targets): readonly RuleDecision[] {
    if (request.classes.length === 0 || this.#isCovered(request, targets, request.serviceId)) return NONE;
    const path = request.path === null ? '' : plainPath(request.path);
    const prepared: PreparedRequest = { request, classBits: classBits(request.classes), path };
    const hash = path === '' ? null : hashText(path);
    return this.#run(request, targets, (counter, group) => {
      if (!counter.isMatch(prepared)) return null;
      const state = counter.count(group, request);
      if (hash !== null) state?.addPath(hash);
      return state;
    });
  }

  /** @param count counts the observation for a rule; null when the rule has nothing to do with it */
  #run(
    observation: Observation,
    targets: Targets,
    count: (counter: RuleCounter, group: string) => GroupState | null,
  ): readonly RuleDecision[] {
    const { client, timeMs } = observation;
    let decisions: RuleDecision[] | null = null;
    for (const counter of this.#counters) {
      const { grouping } = counter.rule;
      const group = grouping === 'asn' ? this.#asnGroupOf(client) : targets[grouping];
      const state = group === null ? null : count(counter, group);
      if (group === null || state === null || timeMs < Math.max(state.quietUntilMs, counter.cappedUntilMs)) continue;
      if (!state.isEnough(this.#ledger.requestsOf(group, timeMs))) continue;
      const decision = this.#decide(counter, group, state, observation);
      if (decision === null) continue;
      decisions = [...(decisions ?? []), decision];
      // The other rules would ban for what is refused from now on.
      if (decision.outcome === 'banned') break;
    }
    return decisions ?? NONE;
  }

  #decide(counter: RuleCounter, target: string, state: GroupState, observation: Observation): RuleDecision | null {
    const { rule } = counter;
    const { timeMs } = observation;
    const chosen = this.#chooseScope(rule, target, state, observation);
    if (chosen !== null && this.#isBannedThere(target, chosen, timeMs)) return null;
    const ordinaryRequests = this.#ledger.ordinaryOf(target, timeMs);
    this.#bannedAtMs = this.#bannedAtMs.filter((atMs) => atMs > timeMs - MINUTE_MS);
    const judgement = decideOutcome(
      {
        rule,
        exemption: rule.action.kind === 'ban' ? this.#spared.why(target, timeMs) : null,
        prefixBits: prefixBitsOf(target),
        bansInLastMinute: Math.max(this.#bannedAtMs.length, this.#options.countFleetBans()),
        toll: counter.tollWith(ordinaryRequests, timeMs),
        totals: this.#totals(timeMs),
      },
      this.#guards,
    );
    const { action, escalation } = rule;
    const offenceKey = `${rule.id} ${target}`;
    // On another node or service, while it lasts: the same offence goes on.
    const goesOn = this.#bans.of(target, timeMs).some(({ ruleId }) => ruleId === rule.id);
    const offence = Math.max(1, this.#offences.next(offenceKey, timeMs, escalation) - (goesOn ? 1 : 0));
    const durationMs = action.kind === 'ban' ? escalate(action.durationMs, offence, escalation) : null;
    const decision = buildDecision({ rule, target, chosen, judgement, offence, durationMs, state, timeMs });
    if (judgement.outcome === 'banned' && chosen !== null && durationMs !== null) {
      this.noteBan({ ruleId: rule.id, target, ...chosen, untilMs: timeMs + durationMs }, offence, timeMs);
      this.#bannedAtMs.push(timeMs);
      if (!goesOn) counter.noteBan(ordinaryRequests, timeMs);
      // What a second node sees is to widen it.
      if (!chosen.isNarrowed) counter.groups.delete(target);
    } else if (judgement.outcome === 'capped') counter.cappedUntilMs = timeMs + CAPPED_MS;
    else state.quietUntilMs = timeMs + quietMsOf(judgement.outcome, durationMs, counter.memoryMs);
    return decision;
  }

  /** Null when nothing is to be banned. */
  #chooseScope(rule: Rule, target: string, state: GroupState, observation: Observation): ChosenScope | null {
    if (rule.action.kind !== 'ban') return null;
    const { nodeId, timeMs } = observation;
    const isSeenElsewhere = this.#bans.of(target, timeMs).some(({ ruleId, scope }) => {
      const bannedNode = scope.kind === 'fleet' ? null : scope.nodeId;
      return ruleId === rule.id && bannedNode !== null && bannedNode !== nodeId;
    });
    return chooseScope(rule.action.reach, {
      nodeId,
      serviceId: observation.of === 'suspicious' ? observation.serviceId : null,
      // Its ban on another node is that node's evidence.
      witnesses: state.witnesses() + (isSeenElsewhere ? 1 : 0),
      leastWitnesses: this.#guards.leastAgentsForFleet,
      chiefNode: isSeenElsewhere ? nodeId : (state.chiefNode() ?? nodeId),
    });
  }

  #isBannedThere(target: string, { scope }: ChosenScope, timeMs: number): boolean {
    if (scope.kind === 'fleet') return this.#bans.of(target, timeMs).some((ban) => ban.scope.kind === 'fleet');
    const serviceId = scope.kind === 'service' ? scope.serviceId : null;
    return scope.nodeId !== null && this.#bans.isCovered(target, scope.nodeId, serviceId, timeMs);
  }

  #isCovered(
    { nodeId, timeMs }: Pick<Observation, 'nodeId' | 'timeMs'>,
    { client, network }: Targets,
    serviceId: string | null,
  ): boolean {
    return (
      this.#bans.isCovered(client, nodeId, serviceId, timeMs) ||
      this.#bans.isCovered(network, nodeId, serviceId, timeMs)
    );
  }

  #totals(timeMs: number): { ordinaryRequests: number; clients: number } | null {
    const totals = this.#ledger.totals(timeMs);
    if (totals === null) return null;
    const { clientShare } = this.#options;
    return { ordinaryRequests: totals.ordinaryRequests * clientShare, clients: totals.clients * clientShare };
  }

  #asnGroupOf(client: string): string | null {
    const asn = this.#options.asnOf(client);
    return asn === null ? null : `AS${asn}`;
  }
}

/** Of an IPv4 network; null for others: a client of IPv6 is a /64 by itself. */
function prefixBitsOf(target: string): number | null {
  const [address = '', bits] = target.split('/');
  return bits === undefined || address.includes(':') ? null : Number(bits);
}

/** A client as a network of one, and the network that it is in: its /24, or /64. */
interface Targets {
  readonly client: string;
  readonly network: string;
}

function targetsOf(client: string): Targets {
  // A client of IPv6 is a network already.
  if (client.includes('/')) return { client, network: client };
  return { client: `${client}/32`, network: `${client.slice(0, client.lastIndexOf('.'))}.0/24` };
}
