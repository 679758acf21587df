import type { ChartLine } from './plan-chart.ts';

/** What a chart says of one moment. */
export interface Reading {
  /** Beginning of the step, in milliseconds since the epoch. */
  readonly at: number;
  /** In the order of the lines; null where nothing is known. */
  readonly values: readonly (number | null)[];
  /** Least and greatest value of the step, for a chart with one line. */
  readonly least: number | null;
  readonly greatest: number | null;
}

/** Reads a chart's lines at a time; null for a chart without any. */
export function planReading(lines: readonly ChartLine[], time: number): Reading | null {
  const [first] = lines;
  const [begin, second] = first?.times ?? [];
  if (first === undefined || begin === undefined) return null;
  const stepMs = (second ?? begin + 1) - begin;
  const index = Math.min(first.times.length - 1, Math.max(0, Math.round((time - begin) / stepMs)));
  const isAlone = lines.length === 1;
  return {
    at: first.times[index] ?? begin,
    values: lines.map(({ avg }) => avg[index] ?? null),
    least: isAlone ? (first.min[index] ?? null) : null,
    greatest: isAlone ? (first.max[index] ?? null) : null,
  };
}
