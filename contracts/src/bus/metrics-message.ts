import { z } from 'zod';
import { containerMetricNames, containerMetrics } from '../metrics/container-metrics.ts';
import { hostMetricNames, hostMetrics } from '../metrics/host-metrics.ts';
import type { MetricDefinition, MetricValue } from '../metrics/metric-definition.ts';
import { isSeriesName } from '../metrics/series-name.ts';

/** What one message may hold; what is beyond is not stored, and counted. */
export const MAX_CONTAINERS_PER_SAMPLE = 2000;
export const MAX_SERIES_PER_SAMPLE = 5000;

/**
 * Body of a message in METRICS: one sample of one host. Rows are tuples under one list of names, which is a third of the
 * size of objects and reads as fast as it can; with the fields in this order it is read fastest. A reader takes the names it
 * knows: agents a version apart understand each other.
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

/** A sample as it is stored. A value that is not known is NaN: a list of numbers takes a third of the room of one with nulls. */
export interface MetricsSample {
  readonly sampledAt: number;
  readonly clockOffsetMs: number | null;
  /** In the order of `hostMetricNames`; null when the message had none. */
  readonly host: readonly number[] | null;
  readonly containers: ContainerTable;
  readonly series: readonly SeriesSample[];
}

/** Containers of a sample by columns: a worker reads some hundred thousand of them in a second. */
export interface ContainerTable {
  /** Docker's ids, each once. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** Container after container, each in the order of `containerMetricNames`. */
  readonly values: readonly number[];
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
export const EARLIEST_SAMPLE_MS = 1_577_836_800_000;
export const LATEST_SAMPLE_MS = 4_102_444_800_000;

/** Figures that a sender may have of one container. */
export const MAX_METRIC_NAMES = 200;

const envelope = z.object({
  sampledAt: z.number().int().min(EARLIEST_SAMPLE_MS, 'is before 2020').max(LATEST_SAMPLE_MS, 'is after 2100'),
  clockOffsetMs: z.number().int().nullable().default(null),
  host: z.record(z.string(), z.unknown()).optional(),
  containers: z.object({ metrics: z.array(z.string()).max(MAX_METRIC_NAMES), rows: z.array(z.unknown()) }).optional(),
  series: z.array(z.unknown()).optional(),
});

export const CONTAINER_ID = /^[0-9a-f]{12,64}$/;
export const MAX_CONTAINER_NAME_LENGTH = 255;

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
      containers: readContainers(containers ?? { metrics: [], rows: [] }, counter),
      series: readSeries(series ?? [], counter),
    },
    get refused() {
      return counter.refused;
    },
  };
}

interface RefusalCounter {
  refused: number;
}

function readValue({ max }: MetricDefinition, value: unknown, counter: RefusalCounter): number {
  if (typeof value === 'number' && value >= 0 && value <= max) return value;
  if (value !== null && value !== undefined) counter.refused += 1;
  return Number.NaN;
}

function readContainers(
  { metrics, rows }: { metrics: readonly string[]; rows: readonly unknown[] },
  counter: RefusalCounter,
): ContainerTable {
  // Where each of our figures stands in the sender's rows; -1 for one that it does not know.
  const columns = containerMetricNames.map((name) => ({
    definition: containerMetrics[name],
    at: metrics.indexOf(name),
  }));
  const ids = new Set<string>();
  const names: string[] = [];
  const values: number[] = [];
  for (const row of rows.slice(0, MAX_CONTAINERS_PER_SAMPLE)) {
    const [id, name, ...figures]: unknown[] = Array.isArray(row) ? row : [];
    if (typeof id !== 'string' || !CONTAINER_ID.test(id) || typeof name !== 'string' || ids.has(id)) {
      counter.refused += 1;
      continue;
    }
    ids.add(id);
    names.push(name.slice(0, MAX_CONTAINER_NAME_LENGTH));
    for (const { definition, at } of columns) {
      values.push(at < 0 ? Number.NaN : readValue(definition, figures[at], counter));
    }
  }
  counter.refused += Math.max(0, rows.length - MAX_CONTAINERS_PER_SAMPLE);
  return { ids: [...ids], names, values };
}

/** Reads the series of a message: those that can be true, and how many could not. */
export function parseSeriesRows(rows: readonly unknown[]): {
  readonly series: SeriesSample[];
  readonly refused: number;
} {
  const counter = { refused: 0 };
  return { series: readSeries(rows, counter), refused: counter.refused };
}

function readSeries(rows: readonly unknown[], counter: RefusalCounter): SeriesSample[] {
  const found: SeriesSample[] = [];
  const seen = new Set<string>();
  for (const row of rows.slice(0, MAX_SERIES_PER_SAMPLE)) {
    const [containerId, name, value]: unknown[] = Array.isArray(row) ? row : [];
    const isOfContainer = typeof containerId === 'string' && CONTAINER_ID.test(containerId);
    const key = `${String(containerId)} ${String(name)}`;
    if (
      (containerId !== null && !isOfContainer) ||
      !isSeriesName(name) ||
      typeof value !== 'number' ||
      !Number.isFinite(value) ||
      seen.has(key)
    ) {
      counter.refused += 1;
      continue;
    }
    seen.add(key);
    found.push({ containerId: isOfContainer ? containerId : null, name, value });
  }
  counter.refused += Math.max(0, rows.length - MAX_SERIES_PER_SAMPLE);
  return found;
}
