import type { RuleEscalation } from '@flotilla/contracts';
import { formatClientWords } from '../addresses/client-network.ts';
import { escalate, Offences } from '../rules/offences.ts';
import { BucketTable } from './bucket-table.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Somebody who must not be banned is asked about no more often than this. */
const SPARED_MS = 600_000;
const NO_SERVICE = 0;

/** What one client may send to one service. */
export interface RequestLimit {
  readonly requestsPerSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

export interface LimiterSettings {
  readonly limit: RequestLimit;
  /** Of a first ban. */
  readonly banMs: number;
  readonly escalation: RuleEscalation;
  /** Clients of services that are looked at at once: 40 bytes each. */
  readonly buckets: number;
}

export const LIMITER_DEFAULTS: LimiterSettings = {
  limit: { requestsPerSecond: 100, burst: 200 },
  banMs: 4 * HOUR_MS,
  escalation: { factor: 2, maxDurationMs: 7 * DAY_MS, memoryMs: 7 * DAY_MS },
  buckets: 65_536,
};

/** A client that is to be banned from a service. */
export interface LimiterDecision {
  /** A key as `clientKeyOf` gives it. */
  readonly client: string;
  readonly serviceId: string | null;
  readonly reason: string;
  readonly requestsPerSecond: number;
  readonly timeMs: number;
  readonly untilMs: number;
  /** 1 for the first that is remembered. */
  readonly offence: number;
}

/**
 * Finds clients that send more to a service than they may, in the time of the requests. Memory does not grow with the number
 * of clients, and a request that is within the limit makes nothing that must be collected.
 */
export class RequestLimiter {
  readonly #settings: LimiterSettings;
  readonly #table: BucketTable;
  readonly #offences = new Offences();
  readonly #isSpared: (client: string, timeMs: number) => boolean;
  readonly #numbers = new Map<string, number>();
  /** By a service's number; those of no service first. */
  readonly #serviceIds: (string | null)[] = [null];
  readonly #limits: RequestLimit[];

  /**
   * @param seed a random number that strangers do not know
   * @param isSpared whether a client must not be banned; asked only about those that would be
   */
  constructor(settings: LimiterSettings, seed: number, isSpared: (client: string, timeMs: number) => boolean) {
    this.#settings = settings;
    this.#table = new BucketTable(settings.buckets, seed);
    this.#isSpared = isSpared;
    this.#limits = [settings.limit];
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes;
  }

  /** The number that stands for a service in `observe`; the same for ever. */
  numberOf(serviceId: string | null): number {
    if (serviceId === null) return NO_SERVICE;
    const known = this.#numbers.get(serviceId);
    if (known !== undefined) return known;
    const number = this.#serviceIds.push(serviceId) - 1;
    this.#limits.push(this.#settings.limit);
    this.#numbers.set(serviceId, number);
    return number;
  }

  setLimit(serviceId: string, limit: RequestLimit): void {
    this.#limits[this.numberOf(serviceId)] = limit;
  }

  /**
   * @param service its number
   * @param clientHigh,clientLow as `clientHigh` and `clientLow` give them
   * @returns null for a request within the limit, and for one of a client that was decided about
   */
  observe(service: number, clientHigh: number, clientLow: number, timeMs: number): LimiterDecision | null {
    const limit = this.#limits[service] ?? this.#settings.limit;
    const intervalMs = 1000 / limit.requestsPerSecond;
    const slot = this.#table.take(clientHigh, clientLow, service, timeMs, intervalMs, limit.burst);
    return slot === -1 ? null : this.#decide(slot, service, formatClientWords(clientHigh, clientLow), timeMs);
  }

  #decide(slot: number, service: number, client: string, timeMs: number): LimiterDecision | null {
    const { banMs, escalation, limit } = this.#settings;
    const offenceKey = `${service} ${client}`;
    const bannedUntilMs = this.#bannedUntilMs(offenceKey);
    if (bannedUntilMs > timeMs || this.#isSpared(client, timeMs)) {
      this.#table.mute(slot, Math.max(bannedUntilMs, timeMs + SPARED_MS));
      return null;
    }
    const offence = this.#offences.next(offenceKey, timeMs, escalation);
    const durationMs = escalate(banMs, offence, escalation);
    this.#offences.note(offenceKey, offence, timeMs);
    this.#table.mute(slot, timeMs + durationMs);
    const { requestsPerSecond, burst } = this.#limits[service] ?? limit;
    return {
      client,
      serviceId: this.#serviceIds[service] ?? null,
      reason: `more than ${requestsPerSecond} requests a second, and ${burst} at once`,
      requestsPerSecond: Math.round(this.#table.requestsPerSecond(slot, timeMs) * 10) / 10,
      timeMs,
      untilMs: timeMs + durationMs,
      offence,
    };
  }

  /** Also of a client whose bucket had to give way since. */
  #bannedUntilMs(offenceKey: string): number {
    const last = this.#offences.last(offenceKey);
    if (last === null) return 0;
    return last.atMs + escalate(this.#settings.banMs, last.count, this.#settings.escalation);
  }
}
