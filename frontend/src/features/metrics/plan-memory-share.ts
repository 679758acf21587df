import type { MetricSeries, MetricsAnswer } from '@flotilla/contracts';

/** Adds, for each subject, the share of its memory that is used: `memoryPercent`, unknown where either figure is. */
export function planMemoryShare(answer: MetricsAnswer): MetricsAnswer {
  const totals = new Map(
    answer.series.filter(({ metric }) => metric === 'memoryTotalBytes').map(({ subjectId, avg }) => [subjectId, avg]),
  );
  const shares = answer.series
    .filter(({ metric }) => metric === 'memoryUsedBytes')
    .map((used): MetricSeries => {
      const total = totals.get(used.subjectId) ?? [];
      const share = (values: readonly (number | null)[]) => values.map((value, at) => findShare(value, total[at]));
      return {
        subjectId: used.subjectId,
        subjectName: used.subjectName,
        metric: 'memoryPercent',
        min: share(used.min),
        avg: share(used.avg),
        max: share(used.max),
      };
    });
  return { ...answer, series: [...answer.series, ...shares] };
}

function findShare(used: number | null, total: number | null | undefined): number | null {
  return used === null || total === null || total === undefined || total === 0 ? null : (used / total) * 100;
}
