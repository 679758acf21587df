import { expect, it } from 'vitest';
import { planSeriesQueries } from './plan-series-queries.ts';

const names = Array.from({ length: 45 }, (_, index) => `n${index}`);

it.each([
  ['one container: forty names', 45, 1, [40, 5]],
  ['twelve containers: fifty lines', 6, 12, [4, 2]],
  ['more containers than lines', 2, 60, [1, 1]],
  ['nothing', 0, 1, []],
])('asks, for %s', (_, count, containers, sizes) => {
  const queries = planSeriesQueries(names.slice(0, count), containers);
  expect(queries.map(({ length }) => length)).toEqual(sizes);
  expect(queries.flat()).toEqual(names.slice(0, count));
});
