import type { FirewallSettings } from '@flotilla/contracts';
import { LIMITER_DEFAULTS, RequestLimiter, type LimiterDecision } from '@flotilla/traffic';
import { ServiceIndex } from '../shared/service-index.ts';
import type { ObservedLine } from '../shared/log-feed.ts';

export type ServiceLimits = ReadonlyMap<string, FirewallSettings['banAbove']>;

export interface LimiterFeedDeps {
  /** A random number that strangers do not know. */
  readonly seed: number;
  /** Whether a client must not be banned. */
  readonly isSpared: (client: string) => boolean;
  /** A client is to be banned; times are the log's. */
  readonly onDecision: (decision: LimiterDecision) => void;
}

/**
 * Hands each request of nginx's log to the limiter. A request within the limit makes nothing that has to be collected, and the
 * memory does not grow with the number of clients.
 */
export class LimiterFeed {
  readonly #limiter: RequestLimiter;
  readonly #onDecision: LimiterFeedDeps['onDecision'];
  /** The limiter's numbers of the services that ban. */
  #services = new ServiceIndex<number>([]);

  constructor({ seed, isSpared, onDecision }: LimiterFeedDeps) {
    this.#limiter = new RequestLimiter(LIMITER_DEFAULTS, seed, isSpared);
    this.#onDecision = onDecision;
  }

  /** @param limits of the services that are looked at from now on; null for one that bans nobody */
  setLimits(limits: ServiceLimits): void {
    const numbers: [string, number][] = [];
    for (const [serviceId, limit] of limits) {
      if (limit === null) continue;
      this.#limiter.setLimit(serviceId, limit);
      numbers.push([serviceId, this.#limiter.numberOf(serviceId)]);
    }
    this.#services = new ServiceIndex(numbers);
  }

  observe({ lines, head, high, low }: ObservedLine): void {
    const service = head.serviceAt === -1 ? null : this.#services.find(lines, head.serviceAt);
    if (service === null) return;
    const decision = this.#limiter.observe(service, high, low, head.timeMs);
    if (decision !== null) this.#onDecision(decision);
  }
}
