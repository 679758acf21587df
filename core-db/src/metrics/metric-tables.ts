import {
  containerMetricNames,
  containerMetrics,
  hostMetricNames,
  hostMetrics,
  type MetricDefinition,
} from '@flotilla/contracts';

/** A column of a raw table; a rollup has three of it, with `_min`, `_avg` and `_max`. */
export interface MetricColumn {
  /** The contracts' name. */
  readonly metric: string;
  /** The same in snake case. */
  readonly column: string;
  readonly type: 'real' | 'double precision';
}

/** What is stored alike: one raw table and three rollups of it. */
export interface MetricKind {
  readonly table: string;
  /** Column that says whose figures a row has; with `at` it is the key. */
  readonly ref: string;
  readonly refType: 'uuid' | 'int';
  /** Further columns of the raw table, which rollups do not have. */
  readonly extra: readonly { readonly column: string; readonly type: string }[];
  readonly columns: readonly MetricColumn[];
}

export type MetricKindName = 'host' | 'container' | 'custom';

export const metricKinds: Readonly<Record<MetricKindName, MetricKind>> = {
  host: {
    table: 'host_metrics',
    ref: 'agent_id',
    refType: 'uuid',
    extra: [{ column: 'clock_offset_ms', type: 'int' }],
    columns: hostMetricNames.map((name) => buildColumn(name, hostMetrics[name])),
  },
  container: {
    table: 'container_metrics',
    ref: 'container_ref',
    refType: 'int',
    extra: [],
    columns: containerMetricNames.map((name) => buildColumn(name, containerMetrics[name])),
  },
  custom: {
    table: 'custom_metrics',
    ref: 'series_ref',
    refType: 'int',
    extra: [],
    columns: [{ metric: 'value', column: 'value', type: 'double precision' }],
  },
};

export const allMetricKinds: readonly MetricKind[] = Object.values(metricKinds);

/** Sizes and durations are exact as doubles; seven digits are enough for everything else, in half the room. */
function buildColumn(metric: string, { unit }: MetricDefinition): MetricColumn {
  return {
    metric,
    column: toSnakeCase(metric),
    type: unit === 'bytes' || unit === 'seconds' ? 'double precision' : 'real',
  };
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
