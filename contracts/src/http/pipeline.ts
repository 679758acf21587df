import { z } from 'zod';
import { deadLetter } from '../bus/dead-letters.ts';
import { workerReport } from '../bus/worker-report.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { defineRoute } from './route.ts';

const count = z.number().int().min(0);

/** One durable consumer, as the bus sees it. */
export const consumerState = z.object({
  name: z.string(),
  /** Messages that no worker has received yet. */
  waiting: count,
  /** Received and not acknowledged. */
  inFlight: count,
  redelivered: count,
  /**
   * Dropped by the full stream before they were acknowledged, and not passed over by the consumer yet. Null while it has
   * acknowledged nothing: what was dropped may be older than itself.
   */
  lostUnread: count.nullable(),
});

export const streamState = z.object({
  name: z.string(),
  messages: count,
  bytes: count,
  maxBytes: count,
  oldestAt: instant.nullable(),
  newestAt: instant.nullable(),
  consumers: z.array(consumerState),
});
export type StreamState = z.infer<typeof streamState>;

/** What a node's agent has not got rid of yet, by its newest sample. */
export const spoolState = z.object({
  agentId: entityId,
  agentName: z.string(),
  sampledAt: instant,
  spoolBytes: z.number().min(0).nullable(),
  droppedSamples: z.number().min(0).nullable(),
  clockOffsetMs: z.number().int().nullable(),
});
export type SpoolState = z.infer<typeof spoolState>;

export const pipeline = z.object({
  /** Null when the bus does not answer; then what stands in streams is unknown. */
  streams: z.array(streamState).nullable(),
  busProblem: z.string().nullable(),
  /** Processes that have reported within the last 20 s. */
  workers: z.array(workerReport),
  /** Nodes with something in their spool or with dropped samples, the worst first; at most 100. */
  spools: z.array(spoolState),
  storage: z.object({
    kind: z.enum(['timescale', 'native']),
    /** Rows by the database's estimate. */
    tables: z.array(z.object({ name: z.string(), rows: count, bytes: count, oldestAt: instant.nullable() })),
    /** Rollup buckets that wait to be computed (again). */
    waitingRollups: count,
  }),
});
export type Pipeline = z.infer<typeof pipeline>;

export const getPipeline = defineRoute({
  method: 'get',
  path: '/api/pipeline',
  access: 'viewer',
  tag: 'pipeline',
  summary: 'How telemetry flows: streams, consumers, workers, spools, storage',
  status: 200,
  response: pipeline,
});

export const listDeadLetters = defineRoute({
  method: 'get',
  path: '/api/dead-letters',
  access: 'operator',
  tag: 'pipeline',
  summary: 'The newest messages that consumers gave up on, with reasons; 503 when the bus does not answer',
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  status: 200,
  response: z.object({ items: z.array(deadLetter), total: count }),
});
