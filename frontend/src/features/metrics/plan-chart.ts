import type { MetricSeries, MetricsAnswer } from '@flotilla/contracts';

export interface ChartPoint {
  readonly x: number;
  readonly y: number | null;
}

/** One line of a chart: its average, and the band between least and greatest. */
export interface ChartLine {
  readonly label: string;
  readonly avg: readonly ChartPoint[];
  readonly min: readonly ChartPoint[];
  readonly max: readonly ChartPoint[];
}

/** Lines of an answer's series, in its order; gaps stay gaps. */
export function planLines(
  { times }: Pick<MetricsAnswer, 'times'>,
  series: readonly MetricSeries[],
  label: (series: MetricSeries) => string,
): ChartLine[] {
  const points = (values: readonly (number | null)[]) => times.map((x, index) => ({ x, y: values[index] ?? null }));
  return series.map((line) => ({
    label: label(line),
    avg: points(line.avg),
    min: points(line.min),
    max: points(line.max),
  }));
}

/** The newest value that is known; null for a line without any. */
export function findLatest(line: ChartLine | undefined): number | null {
  return line?.avg.findLast(({ y }) => y !== null)?.y ?? null;
}

/** Whether any point of any line is known. */
export function hasValues(lines: readonly ChartLine[]): boolean {
  return lines.some((line) => findLatest(line) !== null);
}

/**
 * Radius of a point: only one that stands alone between gaps is drawn, because no line leads to it.
 * @returns pixels
 */
export function choosePointRadius(points: readonly ChartPoint[], index: number): number {
  const isKnown = (at: number): boolean => typeof points[at]?.y === 'number';
  return isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1) ? 2.5 : 0;
}
