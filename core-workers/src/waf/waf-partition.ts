import { PARTITIONS, type Rule, type WafGuards } from '@flotilla/contracts';
import type { KnownBan } from '@flotilla/core-db';
import {
  observationsOfMessage,
  RuleEngine,
  suspectsPartition,
  type DecidedScope,
  type ExemptNetwork,
  type RuleDecision,
} from '@flotilla/traffic';
import type { AgentSuspects } from './parse-suspects.ts';

/** Until it is lifted. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER;

export interface WafPartitionDeps {
  readonly number: number;
  /** Bans that rules made in the last minute, of all partitions. */
  readonly countFleetBans: () => number;
  /** From what is known: it is not waited for. */
  readonly isVerifiedCrawler: (target: string) => boolean;
  /** A rule has seen enough. */
  readonly onDecision: (decision: RuleDecision) => void;
}

interface Lift {
  readonly target: string;
  readonly atMs: number;
}

/** The clients of one partition in their owner's memory. */
export class WafPartition {
  readonly #deps: WafPartitionDeps;
  readonly #engine: RuleEngine;
  /** Of each agent, the time of its newest message: what comes twice is known by it. */
  readonly #newestAt = new Map<string, number>();
  /** What was lifted lately: what happened before is no reason to ban again. */
  readonly #lifts: Lift[] = [];

  constructor(deps: WafPartitionDeps) {
    this.#deps = deps;
    const { countFleetBans, isVerifiedCrawler } = deps;
    this.#engine = new RuleEngine([], { clientShare: 1 / PARTITIONS, countFleetBans, isVerifiedCrawler });
  }

  /** How far back an owner must read to know what the one before knew. */
  get memoryMs(): number {
    return this.#engine.memoryMs;
  }

  /** What rules that stay as they are have counted stays as well. */
  setRules(rules: readonly Rule[]): void {
    this.#engine.setRules(rules);
  }

  setGuards(guards: WafGuards): void {
    this.#engine.setGuards(guards);
  }

  setExempt(exempt: readonly ExemptNetwork[]): void {
    this.#engine.setExempt(exempt);
  }

  /** Takes back a ban that was decided, but is none. */
  forgive(target: string): void {
    this.#engine.lift(target);
  }

  /** Takes over what the database says of bans, in the order of their changes. */
  learn(bans: readonly KnownBan[]): void {
    for (const ban of bans) {
      if (suspectsPartition(clientOf(ban.target)) !== this.#deps.number) continue;
      const untilMs = ban.expiresAt?.getTime() ?? FOR_EVER_MS;
      if (ban.state === 'lifted') this.#lift(ban.target, ban.endedAt?.getTime() ?? untilMs);
      else if (ban.state === 'active') {
        const { ruleId, target, isNarrowed, offence, createdAt } = ban;
        this.#engine.noteBan(
          { ruleId, target, scope: scopeOf(ban), untilMs, isNarrowed },
          offence,
          createdAt.getTime(),
        );
      }
    }
  }

  /**
   * @param storedAt when the stream took it
   * @returns false for a message that was read before
   */
  observe({ agentId, message }: AgentSuspects, storedAt: number): boolean {
    if (message.sampledAt <= (this.#newestAt.get(agentId) ?? 0)) return false;
    this.#newestAt.set(agentId, message.sampledAt);
    const { node, observations } = observationsOfMessage(message, agentId, storedAt);
    if (node !== null) this.#engine.noteNode(node);
    for (const observation of observations) {
      // Nobody bans by writing into another partition than the client's own.
      if (suspectsPartition(observation.client) !== this.#deps.number) continue;
      for (const decision of this.#engine.observe(observation)) this.#tell(decision);
    }
    return true;
  }

  #tell(decision: RuleDecision): void {
    const wasLifted = this.#lifts.some(({ target, atMs }) => target === decision.group && atMs >= decision.timeMs);
    if (wasLifted) this.#engine.lift(decision.group);
    else this.#deps.onDecision(decision);
  }

  #lift(target: string, atMs: number): void {
    this.#engine.lift(target);
    this.#lifts.push({ target, atMs });
    const oldestMs = atMs - this.#engine.memoryMs;
    while ((this.#lifts[0]?.atMs ?? oldestMs) < oldestMs) this.#lifts.shift();
  }
}

/** A client of the target's network: all of them are in one partition. */
function clientOf(target: string): string {
  return target.includes(':') ? target : target.slice(0, target.indexOf('/'));
}

function scopeOf({ agentId, serviceId }: KnownBan): DecidedScope {
  if (serviceId !== null) return { kind: 'service', serviceId, nodeId: agentId };
  return agentId === null ? { kind: 'fleet' } : { kind: 'node', nodeId: agentId };
}
