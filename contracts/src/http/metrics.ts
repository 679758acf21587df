import { z } from 'zod';
import { containerMetricNames } from '../metrics/container-metrics.ts';
import { hostMetricNames } from '../metrics/host-metrics.ts';
import { seriesName } from '../metrics/series-name.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { defineRoute } from './route.ts';

const tag = 'metrics';

/** Points of one series in an answer. */
export const MAX_METRIC_POINTS = 500;
export const MAX_METRICS_PER_QUERY = 40;
/** Containers, nodes or series that one answer compares. */
export const MAX_COMPARED = 50;

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Time ranges up to now, by the names that the dashboard offers, in milliseconds. */
export const metricRanges = {
  '5m': 300 * SECOND_MS,
  '15m': 900 * SECOND_MS,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  '180d': 180 * DAY_MS,
  '2y': 730 * DAY_MS,
} as const;
export type MetricRange = keyof typeof metricRanges;
export const metricRange = z.enum(Object.keys(metricRanges) as [MetricRange, ...MetricRange[]]);

/** Where an answer's points come from: raw samples, or the rollups of 1 minute, 15 minutes and 6 hours. */
export const metricResolution = z.enum(['raw', '1m', '15m', '6h']);
export type MetricResolution = z.infer<typeof metricResolution>;

function nameList<const Names extends readonly [string, ...string[]] | readonly string[]>(names: Names) {
  const accepted = z.enum(names as unknown as [Names[number], ...Names[number][]]);
  return z
    .string()
    .max(2000)
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .pipe(z.array(accepted).min(1).max(MAX_METRICS_PER_QUERY));
}

/** Parts of a time range in a query: `range`, or `from` with `to`. */
export const timeRangeFields = {
  range: metricRange.optional(),
  from: instant.optional(),
  to: instant.optional(),
  /** Milliseconds between points; `auto` gives at most 500 of them. */
  step: z
    .union([
      z.literal('auto'),
      z.coerce
        .number()
        .int()
        .min(1000)
        .max(DAY_MS * 31),
    ])
    .default('auto'),
};

const timeRangeQuery = { ...timeRangeFields, format: z.enum(['json', 'csv']).default('json') };

const value = z.number().nullable();

/** One line of a chart. Values stand at the answer's `times`; null where nothing is known: a gap, not zero. */
export const metricSeries = z.object({
  /** Whose it is: a container's or node's id; null for the node that was asked for. */
  subjectId: z.string().nullable(),
  subjectName: z.string().nullable(),
  metric: z.string(),
  min: z.array(value),
  avg: z.array(value),
  max: z.array(value),
});
export type MetricSeries = z.infer<typeof metricSeries>;

export const metricsAnswer = z.object({
  from: instant,
  to: instant,
  stepMs: z.number().int().min(1),
  /** The coarsest source that gives a point for each step; the newest points may come from finer ones. */
  resolution: metricResolution,
  /** Beginning of each step, milliseconds since the epoch, ascending and without holes; at most 500. */
  times: z.array(z.number().int()).max(MAX_METRIC_POINTS),
  series: z.array(metricSeries),
});
export type MetricsAnswer = z.infer<typeof metricsAnswer>;

export const getAgentMetrics = defineRoute({
  method: 'get',
  path: '/api/agents/:id/metrics',
  access: 'viewer',
  tag,
  summary: 'Figures of a node over time; JSON or CSV. 400 for a range that makes no sense',
  params: z.object({ id: entityId }),
  query: z.strictObject({
    ...timeRangeQuery,
    metrics: nameList(hostMetricNames).default(['cpuPercent', 'memoryUsedBytes', 'memoryTotalBytes']),
  }),
  status: 200,
  response: metricsAnswer,
  alsoAs: 'text/csv',
});

/** Ids separated by commas; names of containers work as well. */
const containerList = z
  .string()
  .max(10_000)
  .transform((text) => [...new Set(text.split(',').map((id) => id.trim()))])
  .pipe(z.array(z.string().min(1).max(255)).min(1).max(MAX_COMPARED));

export const getContainerMetrics = defineRoute({
  method: 'get',
  path: '/api/agents/:id/containers/metrics',
  access: 'viewer',
  tag,
  summary: 'Figures of containers of a node over time, side by side: ?containers=id,id (ids or names)',
  params: z.object({ id: entityId }),
  query: z.strictObject({
    ...timeRangeQuery,
    containers: containerList,
    metrics: nameList(containerMetricNames).default(['cpuPercent', 'memoryBytes']),
  }),
  status: 200,
  response: metricsAnswer,
  alsoAs: 'text/csv',
});

export const getServiceMetrics = defineRoute({
  method: 'get',
  path: '/api/services/:id/metrics',
  access: 'viewer',
  tag,
  summary:
    'Figures of the containers that a service sends requests to on one of its nodes (the first by name when `agentId` is left out); no series when its targets are hosts',
  params: z.object({ id: entityId }),
  query: z.strictObject({
    ...timeRangeQuery,
    agentId: entityId.optional(),
    metrics: nameList(containerMetricNames).default(['cpuPercent', 'memoryBytes']),
  }),
  status: 200,
  response: metricsAnswer,
  alsoAs: 'text/csv',
});

/** The latest sample of a container. */
export const containerUsage = z.object({
  id: z.string(),
  name: z.string(),
  sampledAt: instant,
  values: z.record(z.enum(containerMetricNames as [string, ...string[]]), value),
});
export type ContainerUsage = z.infer<typeof containerUsage>;

export const listContainerUsage = defineRoute({
  method: 'get',
  path: '/api/agents/:id/containers/usage',
  access: 'viewer',
  tag,
  summary: 'Latest figures of every container of a node that was sampled within the last minute',
  params: z.object({ id: entityId }),
  status: 200,
  response: z.object({ items: z.array(containerUsage) }),
});

/** Ids or names of containers, by repeating the parameter: names of series are long, and commas are part of them. */
const repeatedContainers = z
  .union([z.string().min(1).max(255), z.array(z.string().min(1).max(255)).min(1).max(MAX_COMPARED)])
  .transform((containers) => (typeof containers === 'string' ? [containers] : containers));

/** A named series: of an application (custom metrics), or of one core, disk, interface or file system. */
export const seriesInfo = z.object({
  name: z.string(),
  containerId: z.string().nullable(),
  containerName: z.string().nullable(),
  lastSeenAt: instant,
});
export type SeriesInfo = z.infer<typeof seriesInfo>;

export const listAgentSeries = defineRoute({
  method: 'get',
  path: '/api/agents/:id/series',
  access: 'viewer',
  tag,
  summary: 'Names of a node’s series: custom metrics of its containers, and its cores, disks and interfaces',
  params: z.object({ id: entityId }),
  query: z.strictObject({
    /** Only names that begin so. */
    prefix: z.string().max(200).optional(),
    /** Only of these containers. */
    container: repeatedContainers.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(500),
  }),
  status: 200,
  response: z.object({ items: z.array(seriesInfo), total: z.number().int().min(0) }),
});

export const getSeriesMetrics = defineRoute({
  method: 'get',
  path: '/api/agents/:id/series/metrics',
  access: 'viewer',
  tag,
  summary: 'Series by name over time: ?names=a&names=b; a name of several containers gives a line for each',
  params: z.object({ id: entityId }),
  query: z.strictObject({
    ...timeRangeQuery,
    names: z
      .union([seriesName, z.array(seriesName).min(1).max(MAX_METRICS_PER_QUERY)])
      .transform((names) => (typeof names === 'string' ? [names] : names)),
    container: repeatedContainers.optional(),
  }),
  status: 200,
  response: metricsAnswer,
  alsoAs: 'text/csv',
});

export const getFleetMetrics = defineRoute({
  method: 'get',
  path: '/api/metrics/fleet',
  access: 'viewer',
  tag,
  summary:
    'The same figures of many nodes, for sparklines and comparison: ?agents=id,id; 60 points unless step says else',
  query: z.strictObject({
    ...timeRangeQuery,
    agents: z
      .string()
      .max(10_000)
      .transform((text) => [...new Set(text.split(',').map((id) => id.trim()))])
      .pipe(z.array(entityId).min(1).max(MAX_COMPARED)),
    metrics: nameList(hostMetricNames).default(['cpuPercent', 'memoryUsedBytes', 'memoryTotalBytes']),
  }),
  status: 200,
  response: metricsAnswer,
  alsoAs: 'text/csv',
});
