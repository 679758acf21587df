import type { MetricSeries, MetricsAnswer, MetricUnit } from '@flotilla/contracts';

type Values = readonly (number | null)[];

/** One line of a chart: its average, and the band between least and greatest. Values stand at `times`; null is a gap. */
export interface ChartLine {
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly avg: Values;
  readonly min: Values;
  readonly max: Values;
}

/** A chart with all that is drawn in it. */
export interface PlannedChart {
  /** Tells the chart from others of its page, also in tests. */
  readonly metric: string;
  readonly title: string;
  readonly unit: MetricUnit;
  readonly max: number | undefined;
  readonly lines: readonly ChartLine[];
  /** Lines that the answer has, of which the chart shows the greatest. */
  readonly total: number;
  /** What a file of the chart's figures has. */
  readonly metrics: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Lines of an answer's series, in its order; gaps stay gaps. */
export function planLines(
  { times }: Pick<MetricsAnswer, 'times'>,
  series: readonly MetricSeries[],
  label: (series: MetricSeries) => string,
): ChartLine[] {
  return series.map((line) => ({ label: label(line), times, avg: line.avg, min: line.min, max: line.max }));
}

/** A value counts as the latest one as long as no more than that is unknown after it; longer steps: three of them. */
const STALE_MS = 120_000;
const STALE_STEPS = 3;

/** The latest value; null when nothing is known of the end of the line: what was long before is no figure of now. */
export function findLatest({ times, avg }: Pick<ChartLine, 'times' | 'avg'>): number | null {
  const at = avg.findLastIndex((value) => value !== null);
  const [known, end, before] = [times[at], times.at(-1), times.at(-2)];
  if (known === undefined || end === undefined) return null;
  const stepMs = end - (before ?? end);
  return end - known <= Math.max(STALE_MS, STALE_STEPS * stepMs) ? (avg[at] ?? null) : null;
}

/** Whether any point of any line is known. */
export function hasValues(lines: readonly ChartLine[]): boolean {
  return lines.some(({ avg }) => avg.some((value) => value !== null));
}

/** The greatest value that a chart draws; 0 when nothing is known. With one line also the band above it is drawn. */
export function findGreatest(lines: readonly ChartLine[]): number {
  const drawn = lines.map(({ avg, max }) => (lines.length === 1 ? max : avg));
  return drawn.flat().reduce<number>((greatest, value) => Math.max(greatest, value ?? 0), 0);
}

const LONE_RADIUS_PX = 2.5;

/**
 * Radius of each point: only one that stands alone between gaps is drawn, because no line leads to it.
 * @returns pixels; one number for all where it can be, which is drawn several times as fast
 */
export function choosePointRadius(values: Values): number | number[] {
  const isKnown = (at: number): boolean => typeof values[at] === 'number';
  const isLone = (at: number): boolean => isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1);
  if (!values.some((_, at) => isLone(at))) return 0;
  return values.map((_, at) => (isLone(at) ? LONE_RADIUS_PX : 0));
}
