import { z } from 'zod';
import { containerMetricNames, containerMetrics } from '../metrics/container-metrics.ts';
import { hostMetricNames, hostMetrics } from '../metrics/host-metrics.ts';
import type { MetricDefinition, MetricValue } from '../metrics/metric-definition.ts';
import { seriesName } from '../metrics/series-name.ts';

/** What one message may hold; what is beyond is not stored, and counted. */
export const MAX_CONTAINERS_PER_SAMPLE = 2000;
export const MAX_SERIES_PER_SAMPLE = 5000;

/**
 * Body of a message in METRICS: one sample of one host. Rows are tuples under one list of names, which is a third of the
 * size of objects and reads as fast as it can. A reader takes the names it knows: agents a version apart understand each other.
 */
export interface MetricsMessage {
  /** Milliseconds since the epoch by the Core's clock (the agent's, corrected); each sample of an agent has its own. */
  readonly sampledAt: number;
  /** What the agent's clock was corrected by; null while the agent has not heard the Core's. */
  readonly clockOffsetMs: number | null;
  readonly host?: Readonly<Record<string, MetricValue>>;
  readonly containers?: {
    readonly metrics: readonly string[];
    /** Docker's id, the name, then a value for each of `metrics`. */
    readonly rows: readonly (readonly [id: string, name: string, ...values: MetricValue[]])[];
  };
  /** Container's id (null: of the host), the series' name, its value. */
  readonly series?: readonly (readonly [containerId: string | null, name: string, value: number])[];
}

/** A sample as it is stored: values stand in the order of `hostMetricNames` and `containerMetricNames`. */
export interface MetricsSample {
  readonly sampledAt: number;
  readonly clockOffsetMs: number | null;
  readonly host: readonly MetricValue[] | null;
  readonly containers: readonly ContainerSample[];
  readonly series: readonly SeriesSample[];
}

export interface ContainerSample {
  readonly id: string;
  readonly name: string;
  readonly values: readonly MetricValue[];
}

export interface SeriesSample {
  readonly containerId: string | null;
  readonly name: string;
  readonly value: number;
}

export type ParsedMetricsMessage =
  | {
      readonly ok: true;
      readonly sample: MetricsSample;
      /** Values, rows and series that were there and could not be true; stored as unknown, or not at all. */
      readonly refused: number;
    }
  | { readonly ok: false; readonly reason: string };

/** Years 2020 to 2100: outside of them a number is not a time in milliseconds. */
const EARLIEST_MS = 1_577_836_800_000;
const LATEST_MS = 4_102_444_800_000;

const envelope = z.object({
  sampledAt: z.number().int().min(EARLIEST_MS, 'is before 2020').max(LATEST_MS, 'is after 2100'),
  clockOffsetMs: z.number().int().nullable().default(null),
  host: z.record(z.string(), z.unknown()).optional(),
  containers: z.object({ metrics: z.array(z.string()).max(200), rows: z.array(z.unknown()) }).optional(),
  series: z.array(z.unknown()).optional(),
});

const CONTAINER_ID = /^[0-9a-f]{12,64}$/;
const MAX_CONTAINER_NAME_LENGTH = 255;

/**
 * Reads a message's body (already JSON). The envelope must be right; of what is inside, everything that can be true is
 * kept: a wrong value becomes unknown, a row that names nothing is left out, and both are counted.
 */
export function parseMetricsMessage(body: unknown): ParsedMetricsMessage {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'} ${message}`);
    return { ok: false, reason: reasons.join('; ').slice(0, 1000) };
  }
  const { sampledAt, clockOffsetMs, host, containers, series } = parsed.data;
  const counter = { refused: 0 };
  return {
    ok: true,
    sample: {
      sampledAt,
      clockOffsetMs,
      host:
        host === undefined ? null : hostMetricNames.map((name) => readValue(hostMetrics[name], host[name], counter)),
      containers: containers === undefined ? [] : readContainers(containers, counter),
      series: series === undefined ? [] : readSeries(series, counter),
    },
    get refused() {
      return counter.refused;
    },
  };
}

interface RefusalCounter {
  refused: number;
}

function readValue({ max }: MetricDefinition, value: unknown, counter: RefusalCounter): MetricValue {
  if (typeof value === 'number' && value >= 0 && value <= max) return value;
  if (value !== null && value !== undefined) counter.refused += 1;
  return null;
}

function readContainers(
  { metrics, rows }: { metrics: readonly string[]; rows: readonly unknown[] },
  counter: RefusalCounter,
): ContainerSample[] {
  // Where each of our figures stands in the sender's rows; -1 for one that it does not know.
  const columns = containerMetricNames.map((name) => ({
    definition: containerMetrics[name],
    at: metrics.indexOf(name),
  }));
  const found: ContainerSample[] = [];
  const seen = new Set<string>();
  for (const row of rows.slice(0, MAX_CONTAINERS_PER_SAMPLE)) {
    const [id, name, ...values]: unknown[] = Array.isArray(row) ? row : [];
    if (typeof id !== 'string' || !CONTAINER_ID.test(id) || typeof name !== 'string' || seen.has(id)) {
      counter.refused += 1;
      continue;
    }
    seen.add(id);
    found.push({
      id,
      name: name.slice(0, MAX_CONTAINER_NAME_LENGTH),
      values: columns.map(({ definition, at }) => (at < 0 ? null : readValue(definition, values[at], counter))),
    });
  }
  counter.refused += Math.max(0, rows.length - MAX_CONTAINERS_PER_SAMPLE);
  return found;
}

function readSeries(rows: readonly unknown[], counter: RefusalCounter): SeriesSample[] {
  const found: SeriesSample[] = [];
  const seen = new Set<string>();
  for (const row of rows.slice(0, MAX_SERIES_PER_SAMPLE)) {
    const [containerId, name, value]: unknown[] = Array.isArray(row) ? row : [];
    const isOfContainer = typeof containerId === 'string' && CONTAINER_ID.test(containerId);
    const parsedName = seriesName.safeParse(name);
    const key = `${String(containerId)} ${String(name)}`;
    if (
      (containerId !== null && !isOfContainer) ||
      !parsedName.success ||
      typeof value !== 'number' ||
      !Number.isFinite(value) ||
      seen.has(key)
    ) {
      counter.refused += 1;
      continue;
    }
    seen.add(key);
    found.push({ containerId: isOfContainer ? containerId : null, name: parsedName.data, value });
  }
  counter.refused += Math.max(0, rows.length - MAX_SERIES_PER_SAMPLE);
  return found;
}
