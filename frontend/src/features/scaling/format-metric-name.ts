import type { ScalingMetric } from '@flotilla/contracts';
import type { Words } from './words.ts';

/** `CPU`, `requests per second per replica`; a custom one by its own name. */
export function formatMetricName(metric: ScalingMetric, { t }: Words): string {
  return metric.kind === 'custom' ? metric.name : t(`scaling.metrics.${metric.kind}`);
}
