import type { MetricUnit, ScalingMetric } from '@flotilla/contracts';
import { formatMetricValue } from '../../shared/format-metric-value.ts';

/** What a metric of scaling is counted in, where people read and type it; ratios are percent there. */
export const scalingUnits: Readonly<Record<ScalingMetric['kind'], MetricUnit>> = {
  cpu: 'percent',
  memory: 'percent',
  requests_per_second: 'perSecond',
  in_flight: 'ratio',
  latency_p95: 'milliseconds',
  custom: 'ratio',
};

/** From how a figure travels to how people read it: 0.6 of a limit is 60 %. */
export function findFactor(kind: ScalingMetric['kind']): number {
  return scalingUnits[kind] === 'percent' ? 100 : 1;
}

/** A figure as people read it; a dash for what is not known. */
export function formatScalingValue(value: number | null, { kind }: ScalingMetric, locale: string): string {
  return formatMetricValue(value === null ? null : value * findFactor(kind), scalingUnits[kind], locale);
}
