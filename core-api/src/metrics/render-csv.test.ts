import { expect, it } from 'vitest';
import { renderCsv } from './render-csv.ts';

const values = (...avg: (number | null)[]) => ({ min: avg, avg, max: avg });
const line = (subjectName: string | null, metric: string, ...avg: (number | null)[]) => ({
  subjectId: null,
  subjectName,
  metric,
  ...values(...avg),
});

it('has a line for each time, with units, and nothing where nothing is known', () => {
  const series = [line(null, 'cpuPercent', 1.5, null), line('web', 'memoryBytes', 0, 2)];
  expect(renderCsv({ times: [0, 60_000], series })).toBe(
    [
      'time,cpuPercent percent min,cpuPercent percent avg,cpuPercent percent max,' +
        'web memoryBytes bytes min,web memoryBytes bytes avg,web memoryBytes bytes max',
      '1970-01-01T00:00:00.000Z,1.5,1.5,1.5,0,0,0',
      '1970-01-01T00:01:00.000Z,,,,2,2,2',
      '',
    ].join('\r\n'),
  );
});

it.each([
  ['=cmd|calc', "'=cmd|calc x min"],
  ['@sum', "'@sum x min"],
  ['+1', "'+1 x min"],
  ['a,b', '"a,b x min"'],
  ['say "hi"', '"say ""hi"" x min"'],
])('makes no formula and no second cell of a container called %s', (name, cell) => {
  expect(renderCsv({ times: [], series: [line(name, 'x')] })).toContain(`time,${cell},`);
});
