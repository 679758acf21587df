import type { MetricUnit, TrafficTotal } from '@flotilla/contracts';

export type SummaryText = 'requests' | 'serverErrors' | 'clientErrors' | 'latencyP95' | 'bytes';

export interface SummaryFigure {
  readonly text: SummaryText;
  readonly unit: MetricUnit;
  /** Null when it is not known. */
  readonly value: number | null;
  /** Of the period before. */
  readonly before: number | null;
  /** What more of it means; null for neither. */
  readonly moreIs: 'bad' | null;
}

/** The figures of a period, beside those of the period before. */
export function planSummary(total: TrafficTotal, before: TrafficTotal): SummaryFigure[] {
  const figure = (
    text: SummaryText,
    unit: MetricUnit,
    read: (one: TrafficTotal) => number | null,
    moreIs: 'bad' | null,
  ): SummaryFigure => ({ text, unit, value: read(total), before: read(before), moreIs });
  return [
    figure('requests', 'perSecond', ({ requestsPerSecond }) => requestsPerSecond, null),
    figure('serverErrors', 'percent', (one) => shareOf(one, '5xx'), 'bad'),
    figure('clientErrors', 'percent', (one) => shareOf(one, '4xx'), null),
    figure('latencyP95', 'milliseconds', ({ latency }) => latency.p95, 'bad'),
    figure('bytes', 'bytesPerSecond', bytesPerSecond, null),
  ];
}

/** How much more it is than before, as a share of that; null when that says nothing. */
export function planChange({ value, before }: Pick<SummaryFigure, 'value' | 'before'>): number | null {
  return value === null || before === null || before === 0 ? null : value / before - 1;
}

function shareOf({ requests, statusClasses }: TrafficTotal, name: '4xx' | '5xx'): number | null {
  return requests === 0 ? null : (statusClasses[name] * 100) / requests;
}

function bytesPerSecond({ bytesSent, knownMs }: TrafficTotal): number | null {
  return knownMs === 0 ? null : (bytesSent * 1000) / knownMs;
}
