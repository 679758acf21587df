import { expect, it } from 'vitest';
import type { ChartLine } from './plan-chart.ts';
import { planReading } from './plan-reading.ts';

const build = (label: string, ...avg: (number | null)[]): ChartLine => ({
  label,
  times: [1000, 2000, 3000],
  avg,
  min: avg.map((value) => (value === null ? null : value - 1)),
  max: avg.map((value) => (value === null ? null : value + 1)),
});

it.each([
  [0, 1000, [1, 10]],
  [1600, 2000, [null, 20]],
  [3000, 3000, [3, 30]],
  [99_000, 3000, [3, 30]],
])('at %i reads what was at %i', (time, at, values) => {
  const lines = [build('a', 1, null, 3), build('b', 10, 20, 30)];
  expect(planReading(lines, time)).toEqual({ at, values, least: null, greatest: null });
});

it('tells the least and the greatest of a chart with one line, and nothing of a chart with none', () => {
  expect(planReading([build('a', 1, 2, 3)], 1000)).toMatchObject({ values: [1], least: 0, greatest: 2 });
  expect(planReading([], 1000)).toBeNull();
});
