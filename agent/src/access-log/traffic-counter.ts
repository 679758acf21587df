import { LatencyHistogram } from './latency-histogram.ts';
import { createLineHead, parseLineHead, type LineHead } from '@flotilla/traffic';

const NEWLINE = 0x0a;
const SERVICE_ID_LENGTH = 36;
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
  /** By a hash of the id's last bytes: to look up a line's service, nothing is made. */
  #services = new Map<number, Counted[]>();
  #latest: Counted | null = null;
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
      else if (head.serviceAt !== -1 && head.upstreamMs !== -1) this.#find(lines, head.serviceAt)?.add(head);
      start = end + 1;
    }
  }

  /**
   * What was counted since the call before, and begins anew.
   * @param serviceIds to be counted from now on
   * @returns a service that was not counted is not in it; one without requests is, with zeros
   */
  take(serviceIds: Iterable<string>): Map<string, ServiceTraffic> {
    const before = new Map([...this.#services.values()].flat().map((counted) => [counted.serviceId, counted]));
    const traffic = new Map([...before.values()].map((counted) => [counted.serviceId, counted.take()]));
    this.#services = new Map();
    this.#latest = null;
    for (const serviceId of new Set(serviceIds)) {
      const counted = before.get(serviceId) ?? new Counted(serviceId);
      const hash = hashAt(counted.bytes, 0);
      this.#services.set(hash, [...(this.#services.get(hash) ?? []), counted]);
    }
    this.#countsFromMs = this.#now() - LATEST_MS;
    return traffic;
  }

  #find(lines: Buffer, serviceAt: number): Counted | null {
    // Requests of one service come together.
    if (this.#latest?.isAt(lines, serviceAt) === true) return this.#latest;
    const found = this.#services.get(hashAt(lines, serviceAt))?.find((counted) => counted.isAt(lines, serviceAt));
    if (found !== undefined) this.#latest = found;
    return found ?? null;
  }
}

/** The end of an id is random, its beginning is a time. */
function hashAt(bytes: Uint8Array, serviceAt: number): number {
  let hash = 0;
  for (let at = serviceAt + SERVICE_ID_LENGTH - 8; at < serviceAt + SERVICE_ID_LENGTH; at += 1) {
    hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  }
  return hash;
}

/** One service's counts. */
class Counted {
  readonly serviceId: string;
  readonly bytes: Buffer;
  readonly #latencies = new LatencyHistogram();
  #requests = 0;
  #serverErrors = 0;
  #atWorkMs = 0;

  constructor(serviceId: string) {
    this.serviceId = serviceId;
    this.bytes = Buffer.from(serviceId, 'latin1');
  }

  isAt(lines: Buffer, serviceAt: number): boolean {
    return this.bytes.compare(lines, serviceAt, serviceAt + SERVICE_ID_LENGTH) === 0;
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
