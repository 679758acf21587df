import { ServiceIndex } from '../shared/service-index.ts';
import { createLineHead, LatencyHistogram, parseLineHead, type LineHead } from '@flotilla/traffic';

const NEWLINE = 0x0a;
/** A connection that became another protocol ends after hours, and its length is no latency. */
const SWITCHING_PROTOCOLS = 101;
const FIRST_SERVER_ERROR = 500;
/** A request is told when it ends: a stream of events of an hour, counted whole, would look like 720 requests at once. */
const LONGEST_AT_WORK_MS = 60_000;
/** nginx writes a line within a second, and the reader comes by a few times a second. */
const LATEST_MS = 3000;
const P95 = 0.95;

/** A service's requests in an interval: those that nginx passed on to its targets. */
export interface ServiceTraffic {
  readonly requests: number;
  /** Of these, the ones answered with 5xx. */
  readonly serverErrors: number;
  /** Time that the targets took for them, together; divided by the interval it is the mean number of requests at work. */
  readonly atWorkMs: number;
  /** Null without requests. */
  readonly latencyP95Ms: number | null;
}

/** Lines since the start, for `/metrics`. */
export interface LineFigures {
  readonly lines: number;
  /** Of another format, or torn. */
  readonly foreign: number;
  /** Of earlier than the interval that they were read in: what a restarted agent has to catch up with. */
  readonly late: number;
}

/**
 * Counts requests by service, from the log's bytes. What nginx answered itself (a redirect, a refused client, a page of
 * maintenance) does not count: no target had work with it.
 */
export class TrafficCounter {
  readonly #now: () => number;
  readonly #head = createLineHead();
  readonly #figures = { lines: 0, foreign: 0, late: 0 };
  #counted: readonly Counted[] = [];
  #services = new ServiceIndex<Counted>([]);
  #countsFromMs: number;

  /** @param now the host's clock, milliseconds since the epoch, as nginx has it */
  constructor(now: () => number) {
    this.#now = now;
    this.#countsFromMs = now() - LATEST_MS;
  }

  get figures(): LineFigures {
    return this.#figures;
  }

  /** @param lines whole lines, each with its newline */
  add(lines: Buffer): void {
    const head = this.#head;
    for (let start = 0; start < lines.length;) {
      const newline = lines.indexOf(NEWLINE, start);
      const end = newline === -1 ? lines.length : newline;
      this.#figures.lines += 1;
      if (!parseLineHead(lines, start, end, head)) this.#figures.foreign += 1;
      else if (head.timeMs < this.#countsFromMs) this.#figures.late += 1;
      else if (head.serviceAt !== -1 && head.upstreamMs !== -1) this.#services.find(lines, head.serviceAt)?.add(head);
      start = end + 1;
    }
  }

  /**
   * What was counted since the call before, and begins anew.
   * @param serviceIds to be counted from now on
   * @returns a service that was not counted is not in it; one without requests is, with zeros
   */
  take(serviceIds: Iterable<string>): Map<string, ServiceTraffic> {
    const before = new Map(this.#counted.map((counted) => [counted.serviceId, counted]));
    const traffic = new Map(this.#counted.map((counted) => [counted.serviceId, counted.take()]));
    this.#counted = [...new Set(serviceIds)].map((serviceId) => before.get(serviceId) ?? new Counted(serviceId));
    this.#services = new ServiceIndex(this.#counted.map((counted) => [counted.serviceId, counted]));
    this.#countsFromMs = this.#now() - LATEST_MS;
    return traffic;
  }
}

/** One service's counts. */
class Counted {
  readonly serviceId: string;
  readonly #latencies = new LatencyHistogram();
  #requests = 0;
  #serverErrors = 0;
  #atWorkMs = 0;

  constructor(serviceId: string) {
    this.serviceId = serviceId;
  }

  add({ status, upstreamMs }: LineHead): void {
    this.#requests += 1;
    if (status >= FIRST_SERVER_ERROR) this.#serverErrors += 1;
    if (status === SWITCHING_PROTOCOLS) return;
    this.#latencies.add(upstreamMs);
    this.#atWorkMs += Math.min(upstreamMs, LONGEST_AT_WORK_MS);
  }

  take(): ServiceTraffic {
    const traffic = {
      requests: this.#requests,
      serverErrors: this.#serverErrors,
      atWorkMs: this.#atWorkMs,
      latencyP95Ms: this.#latencies.readQuantile(P95),
    };
    this.#requests = 0;
    this.#serverErrors = 0;
    this.#atWorkMs = 0;
    this.#latencies.clear();
    return traffic;
  }
}
