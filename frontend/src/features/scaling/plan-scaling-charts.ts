import type { getScalingHistory, RouteResponse, ScalingMetric } from '@flotilla/contracts';
import type { PlannedChart } from '../../shared/charts/plan-chart.ts';
import { formatMetricName } from './format-metric-name.ts';
import { findFactor, scalingUnits } from './format-scaling-value.ts';
import type { Words } from './words.ts';

export type ScalingHistory = RouteResponse<typeof getScalingHistory>;
type Values = readonly (number | null)[];

/**
 * Charts of a service's scaling over time: its replicas, then each metric's load beside what it is compared with.
 * @param from beginning of what is shown, in milliseconds since the epoch
 */
export function planScalingCharts(history: ScalingHistory, from: number, to: number, words: Words): PlannedChart[] {
  const { t } = words;
  const { times } = history;
  const line = (label: string, values: Values) => ({ label, times, avg: values, min: values, max: values });
  const frame = { max: undefined, metrics: [], from, to };
  const replicas = [line(t('scaling.wanted'), history.wanted), line(t('scaling.ready'), history.ready)];
  const loads = groupByMetric(history.targets).map(([{ metric, values }, targets]): PlannedChart => {
    const factor = findFactor(metric.kind);
    const load = values.map((value) => (value === null ? null : value * factor));
    const lines = [
      line(t('scaling.load'), load),
      ...targets.map((target) =>
        line(
          t('scaling.target'),
          times.map(() => target * factor),
        ),
      ),
    ];
    const title = formatMetricName(metric, words);
    const unit = scalingUnits[metric.kind];
    return { ...frame, metric: `load-${keyOf(metric)}`, title, unit, lines, total: lines.length };
  });
  const title = t('scaling.replicas');
  return [{ ...frame, metric: 'replicas', title, unit: 'count', lines: replicas, total: replicas.length }, ...loads];
}

function keyOf(metric: ScalingMetric): string {
  return metric.kind === 'custom' ? `custom-${metric.name}` : metric.kind;
}

type HistoryTarget = ScalingHistory['targets'][number];

/** Two thresholds of one metric are one chart with both. */
function groupByMetric(targets: readonly HistoryTarget[]): [HistoryTarget, number[]][] {
  const groups = new Map<string, [HistoryTarget, number[]]>();
  for (const one of targets) {
    const known = groups.get(keyOf(one.metric));
    if (known === undefined) groups.set(keyOf(one.metric), [one, [one.target]]);
    else if (!known[1].includes(one.target)) known[1].push(one.target);
  }
  return [...groups.values()];
}
