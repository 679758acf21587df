import type { ScalingMetric } from '@flotilla/contracts';
import type { Words } from './words.ts';

/** `CPU`, `requests per second per replica`; a custom one by its own name. */
export function formatMetricName(metric: ScalingMetric, { t }: Words): string {
  return metric.kind === 'custom' ? metric.name : t(`scaling.metrics.${metric.kind}`);
}

/** The same within a sentence: without a capital letter, unless it is an abbreviation. */
export function formatInnerMetricName(metric: ScalingMetric, words: Words): string {
  const name = formatMetricName(metric, words);
  const isAbbreviation = name.slice(0, 2) === name.slice(0, 2).toUpperCase();
  return metric.kind === 'custom' || isAbbreviation ? name : name.charAt(0).toLowerCase() + name.slice(1);
}
