import { z } from 'zod';
import { instant } from '../values/identifiers.ts';

const count = z.number().int().min(0);

/** How one consumer of a worker process does; counters count from the start of the process. */
export const consumerReport = z.object({
  stream: z.string().max(64),
  consumer: z.string().max(64),
  messages: count,
  rows: count,
  /** Rows that were there already: repeats that changed nothing. */
  duplicates: count,
  redelivered: count,
  deadLetters: count,
  /** Values and rows inside readable messages that could not be true, and samples of a time or an agent that is not kept. */
  refusedValues: count,
  batches: count,
  /** Of the last 100 batches: messages in one, and milliseconds until it was committed. */
  batchSize: z.object({ p50: z.number().min(0), max: z.number().min(0) }).nullable(),
  batchMs: z.object({ p50: z.number().min(0), p99: z.number().min(0) }).nullable(),
  /** Age of the newest stored sample when it was committed: from the agent's clock to the table. */
  lagMs: z.number().min(0).nullable(),
});
export type ConsumerReport = z.infer<typeof consumerReport>;

/** What a worker process publishes every 5 s, on core NATS: a missed one is replaced by the next. */
export const workerReport = z.object({
  workerId: z.uuid(),
  host: z.string().max(255),
  pid: z.number().int().min(1),
  startedAt: instant,
  at: instant,
  roles: z.array(z.string().max(32)).max(16),
  memoryBytes: z.number().min(0),
  /** 100 is one core, over the time since the last report. */
  cpuPercent: z.number().min(0),
  consumers: z.array(consumerReport).max(32),
});
export type WorkerReport = z.infer<typeof workerReport>;

export const WORKER_REPORT_INTERVAL_MS = 5000;
