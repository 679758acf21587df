import { describe, expect, it } from 'vitest';
import { createTranslations } from '../../i18n/create-i18n.ts';
import { planScalingCharts, type ScalingHistory } from './plan-scaling-charts.ts';
import { readWords } from './words.ts';

const words = readWords(createTranslations('en').global);
const plan = (targets: ScalingHistory['targets']) =>
  planScalingCharts({ times: [0, 5000], wanted: [1, 2], ready: [null, 1], targets }, 0, 5000, words);
const latency = (target: number) => ({ metric: { kind: 'latency_p95' as const }, target, values: [90, null] });

describe('the charts of scaling', () => {
  it('begin with the replicas, whose gaps stay gaps', () => {
    const [replicas] = plan([]);
    expect(replicas).toMatchObject({ metric: 'replicas', unit: 'count', from: 0, to: 5000 });
    expect(replicas?.lines.map(({ label, avg }) => [label, avg])).toEqual([
      ['Asked for', [1, 2]],
      ['Ready', [null, 1]],
    ]);
  });

  it('show a load beside its target, ratios as percent', () => {
    const [, cpu] = plan([{ metric: { kind: 'cpu' }, target: 0.5, values: [null, 0.85] }]);
    expect(cpu).toMatchObject({ metric: 'load-cpu', title: 'CPU', unit: 'percent' });
    expect(cpu?.lines.map(({ avg }) => avg)).toEqual([
      [null, 85],
      [50, 50],
    ]);
  });

  it('show two thresholds of one metric in one chart, and two custom metrics in two', () => {
    const custom = (name: string) => ({ metric: { kind: 'custom' as const, name }, target: 1, values: [1, 1] });
    const [, thresholds, ...others] = plan([latency(500), latency(80), latency(80), custom('a'), custom('b')]);
    expect(thresholds?.lines.map(({ avg }) => avg[0])).toEqual([90, 500, 80]);
    expect(others.map(({ title }) => title)).toEqual(['a', 'b']);
  });
});
