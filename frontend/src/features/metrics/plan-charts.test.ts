import type { MetricSeries, MetricsAnswer } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import type { ChartDefinition } from './chart-definitions.ts';
import { planCharts, planComparison, planSeriesCharts } from './plan-charts.ts';

const line = (subjectName: string, metric: string, value: number): MetricSeries => ({
  subjectId: subjectName,
  subjectName,
  metric,
  min: [value],
  avg: [value],
  max: [value],
});
const build = (series: MetricSeries[]): MetricsAnswer => ({
  from: '1970-01-01T00:00:00Z',
  to: '1970-01-01T00:00:10Z',
  stepMs: 10_000,
  resolution: 'raw',
  times: [0],
  series,
});
const network: ChartDefinition<string> = {
  title: 'network',
  lines: [
    ['networkReceiveBytesPerSecond', 'received'],
    ['networkTransmitBytesPerSecond', 'sent'],
  ],
};
const answer = build([
  line('web', 'networkTransmitBytesPerSecond', 1),
  line('web', 'networkReceiveBytesPerSecond', 2),
  line('db', 'networkReceiveBytesPerSecond', 3),
]);

describe('charts', () => {
  it('of one subject have a line for each figure, in the order of the definition', () => {
    const [chart] = planCharts([network], answer, (text) => text.toUpperCase());
    expect(chart).toMatchObject({ title: 'NETWORK', unit: 'bytesPerSecond', from: 0, to: 10_000 });
    expect(chart?.lines.map(({ label }) => label)).toEqual(['RECEIVED', 'RECEIVED', 'SENT']);
  });

  it('that compare have a line for each subject, and none stands for two figures', () => {
    const charts = planComparison([network], answer, (text) => text);
    expect(charts.map(({ title, lines }) => [title, lines.map(({ label }) => label)])).toEqual([
      ['network: received', ['web', 'db']],
      ['network: sent', ['web']],
    ]);
  });

  it('say how many lines there would be', () => {
    const many = build(Array.from({ length: 50 }, (_, index) => line(`c${index}`, 'pids', index)));
    const [chart] = planComparison([{ title: 'pids', lines: [['pids']] }], many, (text) => text);
    expect(chart).toMatchObject({ total: 50 });
    expect(chart?.lines.map(({ label }) => label)).toEqual(Array.from({ length: 12 }, (_, index) => `c${38 + index}`));
  });

  it('of named series are there for every name, also one without values', () => {
    const charts = planSeriesCharts(['queue', 'gone'], build([line('web', 'queue', 1)]), true);
    expect(charts.map(({ metric, unit, lines }) => [metric, unit, lines.length])).toEqual([
      ['queue', 'ratio', 1],
      ['gone', 'ratio', 0],
    ]);
    expect(charts[0]?.lines[0]?.label).toBe('web');
    expect(planSeriesCharts(['queue'], build([line('web', 'queue', 1)]), false)[0]?.lines[0]?.label).toBe('queue');
    const name = 'host.core.0.cpuPercent';
    const [core] = planSeriesCharts([name], build([line('fra-1', name, 1)]), false);
    // Called as its chart, the line is not named a second time in the legend.
    expect(core).toMatchObject({
      title: 'core.0.cpuPercent',
      unit: 'percent',
      lines: [{ label: 'core.0.cpuPercent' }],
    });
  });
});
