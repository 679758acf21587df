import type { MetricSeries } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { chooseGreatest } from './choose-lines.ts';

const build = (subjectName: string, ...avg: (number | null)[]): MetricSeries => ({
  subjectId: subjectName,
  subjectName,
  metric: 'cpuPercent',
  min: avg,
  avg,
  max: avg,
});
const series = [build('unknown', null, null), build('idle', 0, 0), build('busy', 50, 90), build('gaps', null, 60)];
const names = (most: number) => chooseGreatest(series, most).map(({ subjectName }) => subjectName);

it('shows the greatest, in the order of the answer', () => {
  expect(names(4)).toEqual(['unknown', 'idle', 'busy', 'gaps']);
  expect(names(3)).toEqual(['idle', 'busy', 'gaps']);
  expect(names(2)).toEqual(['busy', 'gaps']);
  expect(names(1)).toEqual(['busy']);
});
