import type { MetricSeries } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { choosePointRadius, findLatest, hasValues, planLines } from './plan-chart.ts';

const series = (avg: (number | null)[]): MetricSeries => ({
  subjectId: null,
  subjectName: 'web',
  metric: 'cpuPercent',
  min: avg,
  avg,
  max: avg,
});
const plan = (...avg: (number | null)[]) =>
  planLines({ times: avg.map((_, index) => index * 10) }, [series(avg)], ({ subjectName }) => subjectName ?? '');

describe('lines of a chart', () => {
  it('keep gaps', () => {
    expect(plan(1, null, 0)[0]).toMatchObject({ label: 'web', times: [0, 10, 20], avg: [1, null, 0] });
  });

  it('know their newest value, and when there is none', () => {
    const latest = (...avg: (number | null)[]) => plan(...avg).map(findLatest)[0];
    expect([latest(1, 2, null), latest(1, 0), latest(null), latest()]).toEqual([2, 0, null, null]);
    expect([hasValues(plan(null, null)), hasValues(plan(null, 0)), hasValues([])]).toEqual([false, true, false]);
  });

  it.each([
    ['seconds', 10_000, [5, ...Array.from({ length: 12 }, () => null)], 5],
    ['seconds, unknown for longer than two minutes', 10_000, [5, ...Array.from({ length: 13 }, () => null)], null],
    ['hours', 3_600_000, [5, null, null, null], 5],
    ['hours, unknown for longer than three', 3_600_000, [5, null, null, null, null], null],
  ])('take no old value for that of now: %s', (_, stepMs, avg, latest) => {
    expect(findLatest({ times: avg.map((_value, index) => index * stepMs), avg })).toBe(latest);
  });

  it('show a point that stands alone', () => {
    expect(choosePointRadius([null, 5, null, 1, 2])).toEqual([0, 2.5, 0, 0, 0]);
    expect(choosePointRadius([5])).toEqual([2.5]);
    expect(choosePointRadius([1, 2, null])).toBe(0);
  });
});
