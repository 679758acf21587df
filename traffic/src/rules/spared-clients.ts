import { parseCidr } from '../addresses/cidr.ts';
import { whyNeverBanned, type ExemptNetwork } from '../addresses/never-banned.ts';
import { BoundedMap } from './bounded-map.ts';

/** An authority validates within minutes, from several places. */
const CHALLENGE_MEMORY_MS = 600_000;
const MAX_CHALLENGE_CLIENTS = 10_000;

/** Who must not be banned, whatever the evidence. */
export class SparedClients {
  #exempt: readonly ExemptNetwork[];
  readonly #isVerifiedCrawler: (target: string) => boolean;
  /** When each was given a challenge's answer. */
  readonly #challenges = new BoundedMap<string, number>(MAX_CHALLENGE_CLIENTS);

  /** @param isVerifiedCrawler whether the target's name was confirmed forwards; it is asked only when somebody is to be banned */
  constructor(exempt: readonly ExemptNetwork[], isVerifiedCrawler: (target: string) => boolean) {
    this.#exempt = exempt;
    this.#isVerifiedCrawler = isVerifiedCrawler;
  }

  setExempt(exempt: readonly ExemptNetwork[]): void {
    this.#exempt = exempt;
  }

  noteChallenge(target: string, timeMs: number): void {
    this.#challenges.set(target, timeMs);
  }

  /** In words that follow "is"; null for somebody who may be banned. */
  why(target: string, timeMs: number): string | null {
    const network = parseCidr(target);
    if (network === null) return 'no address';
    const reason = whyNeverBanned(network, this.#exempt);
    if (reason !== null) return reason;
    const challengeAtMs = this.#challenges.get(target);
    if (challengeAtMs !== undefined && timeMs - challengeAtMs < CHALLENGE_MEMORY_MS) {
      return 'fetching certificates’ challenges';
    }
    return this.#isVerifiedCrawler(target) ? 'a crawler whose name is confirmed' : null;
  }
}
