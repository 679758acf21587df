import { z } from 'zod';
import { entityId } from '../values/identifiers.ts';
import { latencyCounts } from './latency-counts.ts';
import { topList } from './top-list.ts';

/** What an agent counts together. */
export const TRAFFIC_INTERVAL_MS = 5000;
/** The top lists are of these. */
export const TOP_LISTS_INTERVAL_MS = 60_000;
/** Services, and the requests that reached none, of a few intervals. */
export const MAX_TRAFFIC_PER_MESSAGE = 5000;
/** Status codes that are told one by one. */
export const MAX_STATUSES = 64;

/** Years 2020 to 2100: outside of them a number is not a time in milliseconds. */
const EARLIEST_MS = 1_577_836_800_000;
const LATEST_MS = 4_102_444_800_000;

/** In the order of their counts. */
export const trafficMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
export const trafficProtocols = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0', 'HTTP/3.0', 'other'] as const;
export type TrafficMethod = (typeof trafficMethods)[number];
export type TrafficProtocol = (typeof trafficProtocols)[number];

/** What is listed by how often it came; `countries` only where the node has a GeoIP database (two letters, ISO 3166). */
export const topListNames = ['paths', 'referrers', 'userAgents', 'clients', 'countries'] as const;
export type TopListName = (typeof topListNames)[number];

const amount = z.number().int().min(0);
const moment = z.number().int().min(EARLIEST_MS, 'is before 2020').max(LATEST_MS, 'is after 2100');

/** Requests of a service on one node that ended in one interval. */
export const serviceTraffic = z
  .object({
    /**
     * Null for requests that reached no service: told of each interval that the node read its log in, also when there were none,
     * so that no traffic and no news are told apart.
     */
    serviceId: entityId.nullable(),
    /** When the interval began, by the Core's clock. */
    from: moment.refine((from) => from % TRAFFIC_INTERVAL_MS === 0, 'is no beginning of an interval'),
    requests: amount,
    bytesSent: amount,
    /** Pairs of a status and its count, each status once. Those of fewer requests than these are left out. */
    statuses: z
      .array(z.tuple([z.number().int().min(0).max(999), amount.min(1)]))
      .max(MAX_STATUSES)
      .refine((statuses) => new Set(statuses.map(([status]) => status)).size === statuses.length, 'has a status twice'),
    methods: z.array(amount).length(trafficMethods.length),
    protocols: z.array(amount).length(trafficProtocols.length),
    /** From the first byte of a request to the last one of its answer; without what became another protocol. */
    latency: latencyCounts,
    /** Of those that were passed on to a target: at the targets. */
    upstreamLatency: latencyCounts,
  })
  .refine(({ requests, statuses }) => sum(statuses) <= requests, 'has more statuses than requests')
  .refine(({ requests, latency }) => sum(latency) <= requests, 'has more latencies than requests')
  .refine(({ requests, upstreamLatency }) => sum(upstreamLatency) <= requests, 'has more latencies than requests');
export type ServiceTraffic = z.infer<typeof serviceTraffic>;

/** What came most often to a service on one node in a minute. */
export const serviceTops = z.object({
  serviceId: entityId.nullable(),
  /** When the minute began, by the Core's clock. */
  from: moment.refine((from) => from % TOP_LISTS_INTERVAL_MS === 0, 'is no beginning of a minute'),
  lists: z.partialRecord(z.enum(topListNames), topList),
});
export type ServiceTops = z.infer<typeof serviceTops>;

/**
 * Body of a message in TRAFFIC. A service may have one interval in several messages (lines that came late); then all of them
 * together are what came.
 */
export const trafficMessage = z.object({
  /** By the Core's clock; each message of an agent has its own. */
  sampledAt: moment,
  services: z.array(serviceTraffic).max(MAX_TRAFFIC_PER_MESSAGE),
  tops: z.array(serviceTops).max(MAX_TRAFFIC_PER_MESSAGE),
});
export type TrafficMessage = z.infer<typeof trafficMessage>;

function sum(pairs: readonly (readonly [unknown, number])[]): number {
  return pairs.reduce((total, [, count]) => total + count, 0);
}
