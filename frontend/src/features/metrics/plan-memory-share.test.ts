import type { MetricSeries } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { planMemoryShare } from './plan-memory-share.ts';

const line = (subjectId: string, metric: string, ...avg: (number | null)[]): MetricSeries => ({
  subjectId,
  subjectName: subjectId,
  metric,
  min: avg,
  avg,
  max: avg,
});
const answer = {
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-01T01:00:00Z',
  stepMs: 1,
  resolution: 'raw',
  times: [],
} as const;

it('is unknown where either figure is, and never divides by nothing', () => {
  const series = [
    line('a', 'memoryUsedBytes', 1, null, 3, 4),
    line('b', 'memoryUsedBytes', 5),
    line('a', 'memoryTotalBytes', 4, 4, null, 0),
  ];
  const { series: all } = planMemoryShare({ ...answer, times: [], series });
  expect(all.slice(3)).toMatchObject([
    { subjectId: 'a', metric: 'memoryPercent', avg: [25, null, null, null] },
    { subjectId: 'b', metric: 'memoryPercent', avg: [null] },
  ]);
});
