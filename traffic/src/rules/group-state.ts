import type { BanFigures, Rule } from '@flotilla/contracts';
import { DecayingCount } from './decaying-count.ts';
import { DistinctHashes } from './distinct-hashes.ts';
import type { Observation } from './observation.ts';
import { RecentKeys } from './recent-keys.ts';
import { LEDGER_HALF_LIFE_MS } from './traffic-ledger.ts';

/** Services and nodes that are told apart when a rule does not ask for more of them. */
const LEAST_KEYS = 20;
/** Observations that are kept to be shown. */
const MAX_RECENT = 5;
/** Of what a rule asks for, what a node must have seen of it to count as a witness. */
const WITNESS_SHARE = 0.1;

/** What a rule has counted of one group. */
export class GroupState {
  readonly #rule: Rule;
  readonly #services: RecentKeys;
  readonly #nodes: RecentKeys;
  readonly #paths: DistinctHashes;
  readonly #memoryMs: number;
  /** As the ledger counts, to be compared with it; null when the rule asks for no share. */
  readonly #lately: DecayingCount | null;
  #level = 0;
  #requests = 0;
  #firstAtMs = 0;
  lastAtMs = 0;
  /** Nothing is decided about the group until then: it has just been. */
  quietUntilMs = 0;
  recent: Observation[] = [];

  constructor(rule: Rule, memoryMs: number) {
    const { distinctServices, distinctNodes, distinctPaths, minShare, windowMs } = rule.threshold;
    this.#rule = rule;
    this.#memoryMs = memoryMs;
    this.#lately = minShare === null ? null : new DecayingCount(LEDGER_HALF_LIFE_MS);
    this.#services = new RecentKeys(Math.max(distinctServices ?? 0, LEAST_KEYS), windowMs);
    this.#nodes = new RecentKeys(Math.max(distinctNodes ?? 0, LEAST_KEYS), memoryMs);
    this.#paths = new DistinctHashes(distinctPaths ?? 0, windowMs);
  }

  /** Counts requests and their time; which paths they were for, `addPath` and `addPages` are told. */
  add(observation: Observation): void {
    const { timeMs, count, nodeId } = observation;
    if (this.#requests === 0 || timeMs - this.lastAtMs > this.#memoryMs) this.#begin(timeMs);
    const { bucket } = this.#rule.threshold;
    if (bucket !== null) {
      // Lines of several nodes are not quite in order: what comes late lets nothing leak twice.
      const elapsedMs = Math.max(0, timeMs - this.lastAtMs);
      this.#level = Math.max(0, this.#level - (elapsedMs / 1000) * bucket.leakPerSecond) + count;
    }
    this.lastAtMs = Math.max(this.lastAtMs, timeMs);
    this.#requests += count;
    this.#lately?.add(count, timeMs);
    this.#nodes.add(nodeId, count, timeMs);
    if (observation.of === 'suspicious' && observation.serviceId !== null) {
      this.#services.add(observation.serviceId, count, timeMs);
    }
    this.recent.push(observation);
    if (this.recent.length > MAX_RECENT) this.recent.shift();
  }

  addPath(hash: number): void {
    this.#paths.add(hash, this.lastAtMs);
  }

  addPages(hashes: readonly number[], isSketch: boolean): void {
    if (isSketch) this.#paths.addSketch(hashes, this.lastAtMs);
    else for (const hash of hashes) this.#paths.add(hash, this.lastAtMs);
  }

  /** @param clientRequests all that the group sent lately; null when it is not known */
  isEnough(clientRequests: number | null): boolean {
    const { bucket, distinctServices, distinctNodes, distinctPaths, minShare } = this.#rule.threshold;
    // One drop less than full: the first requests of a burst have leaked a little when its last one comes.
    if (bucket !== null && this.#level <= bucket.capacity - 1) return false;
    if (distinctPaths !== null && this.#paths.count(this.lastAtMs) < distinctPaths) return false;
    this.#nodes.prune(this.lastAtMs);
    this.#services.prune(this.lastAtMs);
    if (distinctNodes !== null && this.#nodes.size < distinctNodes) return false;
    if (distinctServices !== null && this.#services.size < distinctServices) return false;
    // What is not known is not enough.
    if (this.#lately === null || minShare === null) return true;
    return clientRequests !== null && this.#lately.at(this.lastAtMs) >= minShare * clientRequests;
  }

  /** Nodes that saw enough of it themselves to be believed together. */
  witnesses(): number {
    const { bucket, distinctServices, distinctPaths } = this.#rule.threshold;
    const asked = Math.max(bucket?.capacity ?? 0, distinctPaths ?? 0, distinctServices ?? 0);
    return this.#nodes.countOf(Math.max(1, Math.ceil(asked * WITNESS_SHARE)));
  }

  chiefNode(): string | null {
    return this.#nodes.mostSeen();
  }

  figures(): BanFigures {
    return {
      requests: this.#requests,
      services: this.#rule.match.of === 'volume' ? null : this.#services.size,
      nodes: this.#nodes.size,
      paths: this.#paths.count(this.lastAtMs),
      spanMs: Math.max(0, this.lastAtMs - this.#firstAtMs),
    };
  }

  #begin(timeMs: number): void {
    this.#level = 0;
    this.#requests = 0;
    this.#firstAtMs = timeMs;
    this.recent = [];
  }
}
