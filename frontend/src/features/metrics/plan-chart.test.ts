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
    expect(plan(1, null, 0)[0]).toMatchObject({
      label: 'web',
      avg: [
        { x: 0, y: 1 },
        { x: 10, y: null },
        { x: 20, y: 0 },
      ],
    });
  });

  it('know their newest value, and when there is none', () => {
    expect(findLatest(plan(1, 2, null)[0])).toBe(2);
    expect(findLatest(plan(1, 0)[0])).toBe(0);
    expect(findLatest(plan(null)[0])).toBeNull();
    expect([hasValues(plan(null, null)), hasValues(plan(null, 0)), hasValues([])]).toEqual([false, true, false]);
  });

  it('show a point that stands alone', () => {
    const points = plan(null, 5, null, 1, 2)[0]?.avg ?? [];
    expect(points.map((_, index) => choosePointRadius(points, index))).toEqual([0, 2.5, 0, 0, 0]);
  });
});
