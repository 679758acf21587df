import {
  statusClasses,
  trafficLines,
  type TrafficAnswer,
  type TrafficLine,
  type TrafficTotal,
} from '@flotilla/contracts';
import type { TrafficSteps, TrafficSum } from '@flotilla/core-db';
import { TrafficSums } from './traffic-sums.ts';

/** A node tells of an interval so long after it: of a step that ended later, something is still to come. */
const TELLING_MS = 10_000;

/** Lines of a chart and the total of its time. */
export function formatTraffic(
  { from, to, stepMs, resolution, times, steps }: TrafficSteps,
  now: Date,
): Omit<TrafficAnswer, 'before'> {
  const lines = Object.fromEntries(trafficLines.map((name) => [name, [] as (number | null)[]])) as Record<
    TrafficLine,
    (number | null)[]
  >;
  for (const [index, parts] of steps.entries()) {
    const isOver = (times[index] ?? 0) + stepMs <= now.getTime() - TELLING_MS;
    const point = parts === null || !isOver ? null : formatPoint(parts);
    for (const name of trafficLines) lines[name].push(point === null ? null : point[name]);
  }
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    stepMs,
    resolution,
    times: [...times],
    lines,
    total: formatTotal({ from, to, stepMs, times, steps }, now),
  };
}

/** All steps that are known and over. */
export function formatTotal(
  { from, to, stepMs, times, steps }: Omit<TrafficSteps, 'resolution'>,
  now: Date,
): TrafficTotal {
  const sums = new TrafficSums();
  let knownMs = 0;
  for (const [index, parts] of steps.entries()) {
    const isOver = (times[index] ?? 0) + stepMs <= now.getTime() - TELLING_MS;
    if (parts === null || !isOver) continue;
    knownMs += stepMs;
    for (const part of parts) sums.add(part);
  }
  return sums.readTotal(from, to, knownMs);
}

function formatPoint(parts: readonly TrafficSum[]): Record<TrafficLine, number | null> {
  const sums = new TrafficSums();
  for (const part of parts) sums.add(part);
  const classes = sums.readStatusClasses();
  const latency = sums.readLatency();
  const upstream = sums.readUpstreamLatency();
  return {
    requests: sums.requests,
    bytesSent: sums.bytesSent,
    ...(Object.fromEntries(statusClasses.map((name) => [name, classes[name]])) as typeof classes),
    latencyP50: latency.p50,
    latencyP90: latency.p90,
    latencyP95: latency.p95,
    latencyP99: latency.p99,
    upstreamP50: upstream.p50,
    upstreamP95: upstream.p95,
  };
}
