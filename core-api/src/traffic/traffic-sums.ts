import {
  statusClasses,
  trafficMethods,
  trafficProtocols,
  type StatusClass,
  type TrafficLatencies,
  type TrafficTotal,
} from '@flotilla/contracts';
import type { TrafficSum } from '@flotilla/core-db';
import { LatencyHistogram } from '@flotilla/traffic';

/** Adds up parts of traffic: of several nodes, sources or steps. */
export class TrafficSums {
  readonly #statuses = new Map<number, number>();
  readonly #methods: number[] = trafficMethods.map(() => 0);
  readonly #protocols: number[] = trafficProtocols.map(() => 0);
  readonly #latency = new LatencyHistogram();
  readonly #upstreamLatency = new LatencyHistogram();
  requests = 0;
  bytesSent = 0;

  add(sum: TrafficSum): void {
    this.requests += sum.requests;
    this.bytesSent += sum.bytesSent;
    for (const [status, count] of sum.statuses) this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + count);
    addEach(this.#methods, sum.methods);
    addEach(this.#protocols, sum.protocols);
    this.#latency.addCounts(sum.latency);
    this.#upstreamLatency.addCounts(sum.upstreamLatency);
  }

  readStatusClasses(): Record<StatusClass, number> {
    const classes = Object.fromEntries(statusClasses.map((name) => [name, 0])) as Record<StatusClass, number>;
    for (const [status, count] of this.#statuses) classes[classOf(status)] += count;
    return classes;
  }

  readLatency(): TrafficLatencies {
    return readQuantiles(this.#latency);
  }

  readUpstreamLatency(): TrafficLatencies {
    return readQuantiles(this.#upstreamLatency);
  }

  /** @param knownMs time that something is known of */
  readTotal(from: Date, to: Date, knownMs: number): TrafficTotal {
    const statuses = [...this.#statuses].map(([status, count]) => ({ status, count }));
    return {
      from: from.toISOString(),
      to: to.toISOString(),
      knownMs,
      requests: this.requests,
      requestsPerSecond: knownMs === 0 ? null : (this.requests * 1000) / knownMs,
      bytesSent: this.bytesSent,
      statusClasses: this.readStatusClasses(),
      statuses: statuses.sort((a, b) => b.count - a.count || a.status - b.status),
      methods: nameCounts(trafficMethods, this.#methods),
      protocols: nameCounts(trafficProtocols, this.#protocols),
      latency: this.readLatency(),
      upstreamLatency: this.readUpstreamLatency(),
    };
  }
}

function classOf(status: number): StatusClass {
  return statusClasses[Math.floor(status / 100) - 1] ?? 'other';
}

function readQuantiles(histogram: LatencyHistogram): TrafficLatencies {
  const [p50 = null, p90 = null, p95 = null, p99 = null] = [0.5, 0.9, 0.95, 0.99].map((quantile) =>
    histogram.readQuantile(quantile),
  );
  return { p50, p90, p95, p99 };
}

function addEach(sums: number[], counts: readonly number[]): void {
  for (const [index, count] of counts.entries()) sums[index] = (sums[index] ?? 0) + count;
}

function nameCounts<Name extends string>(names: readonly Name[], counts: readonly number[]): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, counts[index] ?? 0])) as Record<Name, number>;
}
