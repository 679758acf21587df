import { z } from 'zod';
import { topList } from '../traffic/top-list.ts';
import { topListNames, trafficMethods, trafficProtocols } from '../traffic/traffic-message.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { MAX_METRIC_POINTS, metricResolution, timeRangeFields } from './metrics.ts';
import { defineRoute } from './route.ts';

const tag = 'traffic';
const amount = z.number().int().min(0);
const value = z.number().nullable();

/** Classes of statuses: by the first digit; `other` is none of HTTP. */
export const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const;
export type StatusClass = (typeof statusClasses)[number];

/** Milliseconds, with at most 2 % of error; null without requests. */
const latencies = z.object({ p50: value, p90: value, p95: value, p99: value });
export type TrafficLatencies = z.infer<typeof latencies>;

/** All of a period. */
export const trafficTotal = z.object({
  from: instant,
  to: instant,
  /** For so much of it something is known, in milliseconds; what follows is of that time. */
  knownMs: z.number().int().min(0),
  requests: amount,
  /** Null when nothing is known. */
  requestsPerSecond: value,
  bytesSent: amount,
  statusClasses: z.record(z.enum(statusClasses), amount),
  /** The most frequent first. */
  statuses: z.array(z.object({ status: z.number().int(), count: amount })),
  methods: z.record(z.enum(trafficMethods), amount),
  protocols: z.record(z.enum(trafficProtocols), amount),
  /** From the first byte of a request to the last one of its answer. */
  latency: latencies,
  /** At the targets, of what was passed on to them. */
  upstreamLatency: latencies,
});
export type TrafficTotal = z.infer<typeof trafficTotal>;

export const trafficLines = [
  'requests',
  'bytesSent',
  ...statusClasses,
  'latencyP50',
  'latencyP90',
  'latencyP95',
  'latencyP99',
  'upstreamP50',
  'upstreamP95',
] as const;
export type TrafficLine = (typeof trafficLines)[number];

export const trafficAnswer = z.object({
  from: instant,
  to: instant,
  stepMs: z.number().int().min(1),
  resolution: metricResolution,
  /** Beginning of each step, milliseconds since the epoch, ascending and without holes. */
  times: z.array(z.number().int()).max(MAX_METRIC_POINTS),
  /** Values at `times`: counts of a step, latencies in milliseconds. Null where no node told anything, and of a step that is not over. */
  lines: z.record(z.enum(trafficLines), z.array(value)),
  total: trafficTotal,
  /** The same length of time just before. */
  before: trafficTotal,
});
export type TrafficAnswer = z.infer<typeof trafficAnswer>;

const { range, from, to, step } = timeRangeFields;
const scope = {
  /** Of one service; without it of all, and of what reached none. */
  serviceId: entityId.optional(),
  /** On one node; without it on all. */
  agentId: entityId.optional(),
};

export const getTraffic = defineRoute({
  method: 'get',
  path: '/api/traffic',
  access: 'viewer',
  tag,
  summary: 'Requests, answers and latencies of a service, a node or the fleet over time, and of the period before',
  query: z.strictObject({ ...scope, range, from, to, step }),
  status: 200,
  response: trafficAnswer,
});

export const getTrafficTops = defineRoute({
  method: 'get',
  path: '/api/traffic/tops',
  access: 'viewer',
  tag,
  summary: 'Paths, referrers, user agents, clients and countries that came most often; told by the minute',
  query: z.strictObject({ ...scope, range, from, to }),
  status: 200,
  response: z.object({ lists: z.partialRecord(z.enum(topListNames), topList) }),
});
