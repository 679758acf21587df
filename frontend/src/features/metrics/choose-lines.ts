import type { MetricSeries } from '@flotilla/contracts';

/** More lines in one chart cannot be told apart: six colours, each whole and dashed. */
export const MAX_LINES = 12;

/**
 * The series that a chart of a comparison shows: those with the greatest mean of what is known, in the answer's order, so
 * that a line keeps its colour. Of which nothing is known comes last.
 */
export function chooseGreatest(series: readonly MetricSeries[], most: number = MAX_LINES): MetricSeries[] {
  if (series.length <= most) return [...series];
  const means = new Map(series.map((one) => [one, findMean(one.avg)]));
  const meanOf = (one: MetricSeries): number => means.get(one) ?? -Infinity;
  const chosen = new Set(series.toSorted((a, b) => meanOf(b) - meanOf(a)).slice(0, most));
  return series.filter((one) => chosen.has(one));
}

function findMean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
