/** What a figure counts. Rates are per second; `percent` of a host is 0 to 100, of a container 100 for each busy core. */
export type MetricUnit =
  'percent' | 'bytes' | 'bytesPerSecond' | 'perSecond' | 'count' | 'seconds' | 'milliseconds' | 'celsius' | 'ratio';

/** One figure of a sample. Its bounds are those of what can be true: 0 is the least, for all of them. */
export interface MetricDefinition {
  readonly unit: MetricUnit;
  /** A larger value is a fault of whoever measured, and is stored as unknown. */
  readonly max: number;
}

export const PERCENT_MAX = 100;
/** 4,096 cores, each at 100 %. */
export const CORES_PERCENT_MAX = 409_600;
/** One pebibyte. */
export const BYTES_MAX = 2 ** 50;
export const COUNT_MAX = 2 ** 40;

/** A figure of a sample; null is "not known", which is never the same as 0. */
export type MetricValue = number | null;
