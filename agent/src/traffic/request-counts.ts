import {
  MAX_STATUSES,
  trafficMethods,
  trafficProtocols,
  type ServiceTraffic,
  type TrafficMethod,
  type TrafficProtocol,
} from '@flotilla/contracts';
import { LatencyHistogram, type LineHead, type LineRest } from '@flotilla/traffic';

/** A connection that became another protocol ends after hours, and its length is no latency. */
const SWITCHING_PROTOCOLS = 101;

const methods = nameBytes<TrafficMethod>(trafficMethods);
const protocols = nameBytes<TrafficProtocol>(trafficProtocols);

/** Requests of one service in one interval. */
export class RequestCounts {
  readonly #statuses = new Map<number, number>();
  readonly #methods = methods.map(() => 0);
  readonly #protocols = protocols.map(() => 0);
  readonly #latency = new LatencyHistogram();
  readonly #upstreamLatency = new LatencyHistogram();
  #requests = 0;
  #bytesSent = 0;

  add(lines: Buffer, head: LineHead, rest: LineRest): void {
    this.#requests += 1;
    this.#bytesSent += head.bytesSent;
    this.#statuses.set(head.status, (this.#statuses.get(head.status) ?? 0) + 1);
    count(this.#methods, findName(methods, lines, rest.methodAt, rest.methodEnd));
    count(this.#protocols, findName(protocols, lines, rest.protocolAt, rest.protocolEnd));
    if (head.status === SWITCHING_PROTOCOLS) return;
    this.#latency.add(head.requestMs);
    if (head.upstreamMs !== -1) this.#upstreamLatency.add(head.upstreamMs);
  }

  tell(serviceId: string | null, from: number): ServiceTraffic {
    const statuses = [...this.#statuses].sort((a, b) => b[1] - a[1]).slice(0, MAX_STATUSES);
    return {
      serviceId,
      from,
      requests: this.#requests,
      bytesSent: this.#bytesSent,
      statuses,
      methods: [...this.#methods],
      protocols: [...this.#protocols],
      latency: this.#latency.readCounts(),
      upstreamLatency: this.#upstreamLatency.readCounts(),
    };
  }
}

function nameBytes<Name extends string>(names: readonly Name[]): readonly Buffer[] {
  return names.map((name) => Buffer.from(name, 'latin1'));
}

/** Which of the names stands there; the last one, `other`, when none does. */
function findName(names: readonly Buffer[], lines: Buffer, start: number, end: number): number {
  const other = names.length - 1;
  for (let index = 0; index < other; index += 1) {
    const name = names[index];
    if (name !== undefined && name.length === end - start && isAt(name, lines, start)) return index;
  }
  return other;
}

function isAt(name: Buffer, lines: Buffer, start: number): boolean {
  for (let at = 0; at < name.length; at += 1) if (name[at] !== lines[start + at]) return false;
  return true;
}

function count(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}
