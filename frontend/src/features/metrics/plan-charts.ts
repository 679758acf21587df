import {
  containerMetrics,
  hostMetrics,
  type MetricDefinition,
  type MetricSeries,
  type MetricsAnswer,
} from '@flotilla/contracts';
import type { ChartDefinition, ChartText, LineText } from './chart-definitions.ts';
import { chooseGreatest } from './choose-lines.ts';
import { chooseSeriesUnit, HOST_PREFIX } from './choose-series-unit.ts';
import { planLines, type PlannedChart } from '../../shared/charts/plan-chart.ts';

type Translate = (text: ChartText | LineText) => string;

const MEMORY_PERCENT: MetricDefinition = { unit: 'percent', max: 100 };
const definitions: Readonly<Record<string, MetricDefinition>> = {
  ...hostMetrics,
  ...containerMetrics,
  memoryPercent: MEMORY_PERCENT,
};

/** Charts of one subject: a line for each figure. */
export function planCharts(
  charts: readonly ChartDefinition<string>[],
  answer: MetricsAnswer,
  translate: Translate,
): PlannedChart[] {
  return charts.map(({ title, lines, max }) => {
    const texts = new Map(lines.map(([name, text]) => [name, translate(text ?? title)]));
    const series = [...texts.keys()].flatMap((name) => answer.series.filter(({ metric }) => metric === name));
    return {
      ...planFrame(answer, lines[0][0], max),
      title: translate(title),
      lines: planLines(answer, series, ({ metric }) => texts.get(metric) ?? metric),
      total: series.length,
      metrics: [...texts.keys()],
    };
  });
}

/** Charts that compare subjects: one for each figure, a line for each subject. */
export function planComparison(
  charts: readonly ChartDefinition<string>[],
  answer: MetricsAnswer,
  translate: Translate,
): PlannedChart[] {
  return charts.flatMap(({ title, lines, max }) =>
    lines.map(([metric, text]) => ({
      ...planFrame(answer, metric, max),
      ...planSubjects(answer, metric),
      title: text === undefined ? translate(title) : `${translate(title)}: ${translate(text)}`,
    })),
  );
}

/**
 * Charts of named series: one for each name, a line for each container that has it.
 * @param isComparison false: the figures are of one container, whose name says nothing beside them
 */
export function planSeriesCharts(
  names: readonly string[],
  answer: MetricsAnswer,
  isComparison: boolean,
): PlannedChart[] {
  return names.map((name) => {
    const title = name.startsWith(HOST_PREFIX) ? name.slice(HOST_PREFIX.length) : name;
    return {
      ...planFrame(answer, name),
      ...planSubjects(answer, name, isComparison ? null : title),
      unit: chooseSeriesUnit(name),
      title,
    };
  });
}

function planFrame({ from, to }: MetricsAnswer, metric: string, max?: number) {
  const unit = definitions[metric]?.unit ?? 'ratio';
  return { metric, unit, max, from: Date.parse(from), to: Date.parse(to) };
}

/** @param only what the line is called when there is one subject; null: lines are called as their subjects */
function planSubjects(answer: MetricsAnswer, metric: string, only: string | null = null) {
  const series = answer.series.filter((one) => one.metric === metric);
  const label = ({ subjectName }: MetricSeries): string => only ?? subjectName ?? metric;
  return { lines: planLines(answer, chooseGreatest(series), label), total: series.length, metrics: [metric] };
}
