import { subjects } from './subjects.ts';

const DAY_MS = 86_400_000;
const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** What a stream keeps. Ages in milliseconds, sizes in bytes. */
export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly maxMessageBytes: number;
  /** Within this window a repeated Nats-Msg-Id is dropped by the server. */
  readonly duplicateWindowMs: number;
}

export const EVENTS_STREAM: StreamDefinition = {
  name: 'EVENTS',
  subjects: [subjects.allEvents],
  maxAgeMs: 30 * DAY_MS,
  maxBytes: 512 * MEBIBYTE,
  maxMessageBytes: 256 * 1024,
  duplicateWindowMs: 600_000,
};

/**
 * Samples of hosts and containers. When it is full the oldest go, read or not: the pipeline page shows how full it is and
 * what waits, long before.
 */
export const METRICS_STREAM: StreamDefinition = {
  name: 'METRICS',
  subjects: [subjects.allMetrics],
  maxAgeMs: DAY_MS,
  maxBytes: GIBIBYTE,
  maxMessageBytes: MEBIBYTE,
  duplicateWindowMs: 120_000,
};

/** Load of services, for decisions of these minutes: what is older than an hour decides nothing any more. */
export const LOAD_STREAM: StreamDefinition = {
  name: 'LOAD',
  subjects: [subjects.allLoad],
  maxAgeMs: 3_600_000,
  maxBytes: 512 * MEBIBYTE,
  maxMessageBytes: MEBIBYTE,
  duplicateWindowMs: 120_000,
};

/** Requests that were counted. When it is full the oldest go, read or not, as in METRICS. */
export const TRAFFIC_STREAM: StreamDefinition = {
  name: 'TRAFFIC',
  subjects: [subjects.allTraffic],
  maxAgeMs: DAY_MS,
  maxBytes: GIBIBYTE,
  maxMessageBytes: MEBIBYTE,
  duplicateWindowMs: 120_000,
};

/**
 * What is suspicious, for rules whose windows are of minutes; a worker that takes a partition over reads its windows anew.
 * Under an attack the oldest go first.
 */
export const SUSPECTS_STREAM: StreamDefinition = {
  name: 'SUSPECTS',
  subjects: [subjects.allSuspects],
  maxAgeMs: 3_600_000,
  maxBytes: 512 * MEBIBYTE,
  maxMessageBytes: MEBIBYTE,
  duplicateWindowMs: 120_000,
};

export const DEAD_LETTERS_STREAM: StreamDefinition = {
  name: 'DEAD_LETTERS',
  subjects: [subjects.allDeadLetters],
  maxAgeMs: 30 * DAY_MS,
  maxBytes: 256 * MEBIBYTE,
  maxMessageBytes: MEBIBYTE,
  duplicateWindowMs: 600_000,
};

export const allStreams: readonly StreamDefinition[] = [
  EVENTS_STREAM,
  METRICS_STREAM,
  LOAD_STREAM,
  TRAFFIC_STREAM,
  SUSPECTS_STREAM,
  DEAD_LETTERS_STREAM,
];

/** Durable names of the consumers that share the work among processes. */
export const consumers = {
  timeline: 'ingestion-timeline',
  metrics: 'ingestion-metrics',
  traffic: 'ingestion-traffic',
} as const;
