import type { FirewallSettings } from '@flotilla/contracts';
import {
  clientHigh,
  clientLow,
  createLineHead,
  LIMITER_DEFAULTS,
  parseLineHead,
  readAddress,
  RequestLimiter,
  type LimiterDecision,
} from '@flotilla/traffic';
import { ServiceIndex } from '../shared/service-index.ts';

const NEWLINE = 0x0a;
const SEPARATOR = 0x22;

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
  readonly #head = createLineHead();
  readonly #address = new Uint32Array(4);
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

  /** @param lines whole lines, each with its newline */
  add(lines: Buffer): void {
    for (let start = 0; start < lines.length;) {
      const newline = lines.indexOf(NEWLINE, start);
      const end = newline === -1 ? lines.length : newline;
      if (parseLineHead(lines, start, end, this.#head) && this.#head.serviceAt !== -1) this.#observe(lines, end);
      start = end + 1;
    }
  }

  #observe(lines: Buffer, end: number): void {
    const { serviceAt, clientAt, timeMs } = this.#head;
    const service = this.#services.find(lines, serviceAt);
    if (service === null) return;
    const clientEnd = lines.indexOf(SEPARATOR, clientAt);
    if (clientEnd === -1 || clientEnd > end || !readAddress(lines, clientAt, clientEnd, this.#address)) return;
    const high = clientHigh(this.#address);
    const decision = this.#limiter.observe(service, high, clientLow(this.#address), timeMs);
    if (decision !== null) this.#onDecision(decision);
  }
}
