import { z } from 'zod';
import { MAX_SERIES_NAME_LENGTH } from '../metrics/series-name.ts';
import { entityId } from '../values/identifiers.ts';

export const MAX_SERVICES_PER_LOAD_MESSAGE = 1000;
const MAX_REPLICAS_PER_LOAD = 300;
/** Figures of the application that one replica may tell: as many as are read of a container, because a policy may name any. */
export const MAX_CUSTOM_PER_REPLICA = 500;

/** A figure that may be out of every proportion, but is a number; null when it is not known. */
const figure = z.number().min(0).nullable();

/** What one replica bears. */
export const replicaLoad = z.object({
  /** Docker's id of its container. */
  id: z.string().max(64),
  /** Takes requests. */
  isReady: z.boolean(),
  /** When it was started, in milliseconds since the epoch by the Core's clock: its first CPU figures are those of its start. */
  startedAt: z.number().int(),
  /** CPU over its limit, or over one core when it has none: 0.5 is half of it. */
  cpuRatio: figure,
  /** Memory in use over its limit, or over the host's memory when it has none. */
  memoryRatio: figure,
  /** What its application tells, by the series' name. */
  custom: z
    .record(z.string().max(MAX_SERIES_NAME_LENGTH), z.number())
    .refine((series) => Object.keys(series).length <= MAX_CUSTOM_PER_REPLICA, 'has too many figures'),
});
export type ReplicaLoad = z.infer<typeof replicaLoad>;

/** One service on one node. What is not known is null, never 0. */
export const serviceLoad = z.object({
  serviceId: entityId,
  /** The newest change of the number of replicas that the node has taken up, and what it has asked for. */
  scaleRevision: z.number().int().min(0),
  wanted: z.number().int().min(0),
  replicas: z.array(replicaLoad).max(MAX_REPLICAS_PER_LOAD),
  requestsPerSecond: figure,
  /** Null also when there was no request. */
  latencyP95Ms: figure,
  /** Share of requests that were answered with 5xx, 0 to 1; null also when there was no request. */
  serverErrorRatio: z.number().min(0).max(1).nullable(),
  /** Requests at work at once, on average over the interval. */
  inFlight: figure,
});
export type ServiceLoad = z.infer<typeof serviceLoad>;

/**
 * Body of a message in LOAD: services of one partition, as one node saw them in the last interval. It is worth nothing when
 * it is late, so nobody spools it.
 */
export const loadMessage = z.object({
  /** End of the interval, in milliseconds since the epoch by the Core's clock. Grows from message to message of an agent. */
  sampledAt: z.number().int().min(0),
  /** Length of the interval that the figures are of. */
  intervalMs: z.number().int().min(1).max(3_600_000),
  services: z.array(serviceLoad).max(MAX_SERVICES_PER_LOAD_MESSAGE),
});
export type LoadMessage = z.infer<typeof loadMessage>;

/** How often an agent tells of its services' load. */
export const LOAD_INTERVAL_MS = 5000;
