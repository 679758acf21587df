import type { MetricUnit, TrafficAnswer, TrafficLine } from '@flotilla/contracts';
import type { PlannedChart } from '../../shared/charts/plan-chart.ts';

/** Keys of this feature's texts. */
export type TrafficChartText = 'requests' | 'answers' | 'latency' | 'upstream' | 'bytes';
export type TrafficLineText =
  'requests' | 'bytes' | '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'other' | 'p50' | 'p90' | 'p95' | 'p99';

interface TrafficChart {
  readonly title: TrafficChartText;
  readonly unit: MetricUnit;
  /** What is counted in a step is shown by the second. */
  readonly isRate: boolean;
  readonly lines: readonly (readonly [TrafficLine, TrafficLineText])[];
}

/** What an operator looks at first stands first; of answers, the bad ones. */
const charts: readonly TrafficChart[] = [
  { title: 'requests', unit: 'perSecond', isRate: true, lines: [['requests', 'requests']] },
  {
    title: 'answers',
    unit: 'perSecond',
    isRate: true,
    lines: [
      ['2xx', '2xx'],
      ['5xx', '5xx'],
      ['3xx', '3xx'],
      ['4xx', '4xx'],
    ],
  },
  {
    title: 'latency',
    unit: 'milliseconds',
    isRate: false,
    lines: [
      ['latencyP50', 'p50'],
      ['latencyP90', 'p90'],
      ['latencyP95', 'p95'],
      ['latencyP99', 'p99'],
    ],
  },
  {
    title: 'upstream',
    unit: 'milliseconds',
    isRate: false,
    lines: [
      ['upstreamP50', 'p50'],
      ['upstreamP95', 'p95'],
    ],
  },
  { title: 'bytes', unit: 'bytesPerSecond', isRate: true, lines: [['bytesSent', 'bytes']] },
];

type Translate = (text: `charts.${TrafficChartText}` | `lines.${TrafficLineText}`) => string;

/** Charts of an answer; gaps stay gaps. */
export function planTrafficCharts(
  { from, to, stepMs, times, lines }: Pick<TrafficAnswer, 'from' | 'to' | 'stepMs' | 'times' | 'lines'>,
  translate: Translate,
): PlannedChart[] {
  const perStep = stepMs / 1000;
  return charts.map((chart) => ({
    metric: chart.title,
    title: translate(`charts.${chart.title}`),
    unit: chart.unit,
    max: undefined,
    lines: chart.lines.map(([name, text]) => {
      const values = lines[name].map((value) => (value === null || !chart.isRate ? value : value / perStep));
      const isOnly = chart.lines.length === 1;
      const label = isOnly ? translate(`charts.${chart.title}`) : translate(`lines.${text}`);
      return { label, times, avg: values, min: values, max: values };
    }),
    total: chart.lines.length,
    metrics: chart.lines.map(([name]) => name),
    from: Date.parse(from),
    to: Date.parse(to),
  }));
}
