import type { MetricsAnswer } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { buildAgent } from '../../shared/testing/build-agent.ts';
import { planOverview } from './plan-overview.ts';

const MINUTE_MS = 60_000;

function buildAnswer(subjectId: string, values: Record<string, (number | null)[]>): MetricsAnswer {
  const times = [0, 1, 2, 3, 4].map((minute) => minute * MINUTE_MS);
  const series = Object.entries(values).map(([metric, avg]) => ({
    subjectId,
    subjectName: subjectId,
    metric,
    min: avg,
    avg,
    max: avg,
  }));
  const [from, to] = ['1970-01-01T00:00:00Z', '1970-01-01T00:05:00Z'];
  return { from, to, stepMs: MINUTE_MS, resolution: '1m', times, series };
}
const nodes = ['a', 'b', 'c'].map((name) => buildAgent({ id: name, name }));

it('puts a full node first, whichever answer has its figures', () => {
  const answers = [
    buildAnswer('a', {
      cpuPercent: [1, 2, 3, 4, 5],
      memoryUsedBytes: [1, 1, 1, 1, 1],
      memoryTotalBytes: [4, 4, 4, 4, 4],
    }),
    buildAnswer('c', { filesystemFullestPercent: [95, 95, 95, 95, 95] }),
  ];
  expect(planOverview(nodes, answers).map(({ id, use }) => [id, use])).toEqual([
    ['c', { cpuPercent: null, memoryPercent: null, filesystemPercent: 95 }],
    ['a', { cpuPercent: 5, memoryPercent: 25, filesystemPercent: null }],
    ['b', { cpuPercent: null, memoryPercent: null, filesystemPercent: null }],
  ]);
});

it('takes no figure of a silent node for one of now', () => {
  const [row] = planOverview(nodes.slice(0, 1), [buildAnswer('a', { cpuPercent: [97, null, null, null, null] })]);
  expect(row).toMatchObject({ use: { cpuPercent: null }, cpu: [97, null, null, null, null] });
});
