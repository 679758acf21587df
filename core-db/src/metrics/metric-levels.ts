import type { MetricResolution } from '@flotilla/contracts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far back samples are kept at one resolution, and in what pieces. Durations in milliseconds. */
export interface MetricLevel {
  readonly name: MetricResolution;
  /** Follows the raw table's name. */
  readonly suffix: string;
  /** Length of a bucket; 0 for raw samples. */
  readonly resolutionMs: number;
  /** Length of a partition, a multiple of every coarser level's bucket: a bucket never lies in two partitions. */
  readonly partitionMs: number;
  /** Default retention. */
  readonly keepMs: number;
}

export const rawLevel: MetricLevel = {
  name: 'raw',
  suffix: '',
  resolutionMs: 0,
  partitionMs: DAY_MS,
  keepMs: 7 * DAY_MS,
};

/** A rollup, made of the next finer level. */
export interface RollupLevel extends MetricLevel {
  readonly name: Exclude<MetricResolution, 'raw'>;
  readonly finer: MetricLevel;
  /** The resolution in SQL. */
  readonly interval: string;
}

const minuteLevel: RollupLevel = {
  name: '1m',
  suffix: '_1m',
  resolutionMs: MINUTE_MS,
  partitionMs: 7 * DAY_MS,
  keepMs: 30 * DAY_MS,
  finer: rawLevel,
  interval: '1 minute',
};
const quarterHourLevel: RollupLevel = {
  name: '15m',
  suffix: '_15m',
  resolutionMs: 15 * MINUTE_MS,
  partitionMs: 30 * DAY_MS,
  keepMs: 180 * DAY_MS,
  finer: minuteLevel,
  interval: '15 minutes',
};
const sixHourLevel: RollupLevel = {
  name: '6h',
  suffix: '_6h',
  resolutionMs: 6 * HOUR_MS,
  partitionMs: 180 * DAY_MS,
  keepMs: 730 * DAY_MS,
  finer: quarterHourLevel,
  interval: '6 hours',
};

/** From the finest to the coarsest. */
export const rollupLevels: readonly RollupLevel[] = [minuteLevel, quarterHourLevel, sixHourLevel];
export const metricLevels: readonly MetricLevel[] = [rawLevel, ...rollupLevels];

/** How long each level is kept, in milliseconds. */
export type MetricRetention = Readonly<Record<MetricResolution, number>>;

export const defaultMetricRetention: MetricRetention = {
  raw: rawLevel.keepMs,
  '1m': minuteLevel.keepMs,
  '15m': quarterHourLevel.keepMs,
  '6h': sixHourLevel.keepMs,
};

/** A day of raw samples: less would refuse what an agent sends after a night without the bus. */
const SHORTEST_RAW_MS = DAY_MS;

/**
 * What is wrong with a retention, in words; nothing when it can be used. A coarser level is kept at least as long as a
 * finer one: charts of a longer range take their points from it.
 */
export function findRetentionProblems(retention: MetricRetention): string[] {
  const problems = metricLevels
    .filter(({ name }) => !Number.isSafeInteger(retention[name]) || retention[name] <= 0)
    .map(({ name }) => `the retention of ${name} is not a whole number of milliseconds above 0`);
  if (retention.raw < SHORTEST_RAW_MS) problems.push('raw samples must be kept for at least a day');
  for (const { name, finer } of rollupLevels) {
    if (retention[name] < retention[finer.name]) {
      problems.push(`${name} must be kept at least as long as ${finer.name}`);
    }
  }
  return problems;
}
