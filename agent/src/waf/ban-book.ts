import type { AllowedNetwork, BansUpdate, LimiterBan, NodeBan } from '@flotilla/contracts';
import { cidrOf, isNeverBanned, type ExemptNetwork } from '@flotilla/traffic';
import { keyOfRefused, type BanChange, type RefusedNetwork } from '../shared/ban-gate.ts';

/** What the agent knows of bans, and keeps over its restarts. */
export interface RememberedBans {
  /** Of the Core's newest update; null before the first. */
  readonly revision: number | null;
  readonly bans: readonly NodeBan[];
  /** Bans of this node's limiter that the Core has not taken over yet. */
  readonly own: readonly LimiterBan[];
  readonly allowed: readonly AllowedNetwork[];
}

/** Bounds the memory of an agent that has seen many bans come and go. */
const MAX_LOOKED_UP = 200_000;

export const NO_BANS: RememberedBans = { revision: null, bans: [], own: [], allowed: [] };

/**
 * Who is refused on this node: the Core's bans and those of its own limiter, less what has expired and what is allowed. Times are
 * milliseconds since the epoch by the Core's clock.
 */
export class BanBook {
  readonly #bans: Map<string, NodeBan>;
  readonly #own: Map<string, LimiterBan>;
  #allowed: readonly AllowedNetwork[];
  #revision: number | null;
  /** Whether a network is allowed, for those that have been looked up since the list changed. */
  readonly #spared = new Map<string, boolean>();
  #allowedCount = -1;
  /** As it was told last. */
  #refused = new Map<string, RefusedNetwork>();

  constructor({ revision, bans, own, allowed }: RememberedBans) {
    this.#revision = revision;
    this.#bans = new Map(bans.map((ban) => [ban.id, ban]));
    this.#own = new Map(own.map((ban) => [ban.id, ban]));
    this.#allowed = allowed;
  }

  get revision(): number | null {
    return this.#revision;
  }

  /** What the Core has not heard of, oldest first. */
  get own(): readonly LimiterBan[] {
    return [...this.#own.values()];
  }

  remember(): RememberedBans {
    return { revision: this.#revision, bans: [...this.#bans.values()], own: this.own, allowed: this.#allowed };
  }

  /** Takes what the Core says. A ban of the limiter that is in it is the Core's from now on. */
  take({ revision, isFresh, bans, lifted, allowed }: BansUpdate): void {
    if (isFresh) this.#bans.clear();
    for (const id of lifted) {
      this.#bans.delete(id);
      this.#own.delete(id);
    }
    for (const ban of bans) {
      this.#bans.set(ban.id, ban);
      this.#own.delete(ban.id);
    }
    if (allowed !== null) {
      this.#allowed = allowed;
      this.#spared.clear();
    }
    this.#revision = revision;
  }

  addOwn(ban: LimiterBan): void {
    this.#own.set(ban.id, ban);
  }

  /** Networks that nobody here bans. */
  listAllowed(nowMs: number): ExemptNetwork[] {
    return this.#allowed
      .filter(({ expiresAt }) => isAhead(expiresAt, nowMs))
      .map(({ network }) => ({ network: cidrOf(network), why: 'on the allow list' }));
  }

  /** Forgets what has expired. @returns what changed for nginx since the call before */
  advance(nowMs: number): BanChange {
    for (const bans of [this.#bans, this.#own]) {
      for (const [id, { expiresAt }] of bans) if (!isAhead(expiresAt, nowMs)) bans.delete(id);
    }
    const refused = this.#listRefused(nowMs);
    const before = this.#refused;
    this.#refused = refused;
    return {
      added: [...refused].filter(([key]) => !before.has(key)).map(([, one]) => one),
      lifted: [...before].filter(([key]) => !refused.has(key)).map(([, one]) => one),
    };
  }

  /** When the next ban, or the next exception from them, expires; null when none does. */
  nextExpiryMs(): number | null {
    let next = Infinity;
    for (const list of [this.#bans.values(), this.#own.values(), this.#allowed]) {
      for (const { expiresAt } of list) if (expiresAt !== null) next = Math.min(next, Date.parse(expiresAt));
    }
    return next === Infinity ? null : next;
  }

  #listRefused(nowMs: number): Map<string, RefusedNetwork> {
    const allowed = this.listAllowed(nowMs);
    if (allowed.length !== this.#allowedCount) this.#spared.clear();
    this.#allowedCount = allowed.length;
    const refused = new Map<string, RefusedNetwork>();
    for (const bans of [this.#bans.values(), this.#own.values()]) {
      for (const { target, serviceId } of bans) {
        if (this.#isSpared(target, allowed)) continue;
        const one = { network: target, serviceId };
        refused.set(keyOfRefused(one), one);
      }
    }
    return refused;
  }

  /** A network that has an allowed address in it is not refused at all. */
  #isSpared(target: string, allowed: readonly ExemptNetwork[]): boolean {
    const known = this.#spared.get(target);
    if (known !== undefined) return known;
    if (this.#spared.size >= MAX_LOOKED_UP) this.#spared.clear();
    const isSpared = isNeverBanned(cidrOf(target), allowed);
    this.#spared.set(target, isSpared);
    return isSpared;
  }
}

function isAhead(expiresAt: string | null, nowMs: number): boolean {
  return expiresAt === null || Date.parse(expiresAt) > nowMs;
}
