import type { MetricUnit } from '@flotilla/contracts';
import type { ChartData, ChartOptions } from 'chart.js';
import { ru } from 'date-fns/locale/ru';
import { formatMetricValue } from '../format-metric-value.ts';
import { chooseAxisStep } from './choose-axis-step.ts';
import { choosePointRadius, findGreatest, type ChartLine } from './plan-chart.ts';

/** Told apart also by the colour-blind (Okabe and Ito), lighter ones for the dark theme. */
const LIGHT_COLORS = ['#0072b2', '#d55e00', '#007a5a', '#a5427c', '#7a5c00', '#4b4b9f'];
const DARK_COLORS = ['#56b4e9', '#e69f00', '#35c79b', '#e08ac0', '#f0e442', '#a8a8f0'];
/** Lines beyond the colours have them again, dashed; in pixels. */
const DASHES = [[], [6, 3]];
/** Labels of an axis are about as wide as each other: measuring all of them took most of a chart's time. */
const MEASURED_LABELS = 4;
const BAND_OPACITY = '2b';

export interface ChartLook {
  readonly isDark: boolean;
  readonly locale: string;
  readonly textColor: string;
  readonly gridColor: string;
}

export interface ChartScale {
  readonly unit: MetricUnit;
  readonly from: number;
  readonly to: number;
  /** A fixed upper end, such as 100 %. */
  readonly max?: number | undefined;
  readonly lines: readonly ChartLine[];
}

/** What a line looks like, in the chart and in its legend. */
export function chooseStroke(index: number, { isDark }: Pick<ChartLook, 'isDark'>) {
  const colors = isDark ? DARK_COLORS : LIGHT_COLORS;
  const dash = DASHES[Math.floor(index / colors.length) % DASHES.length] ?? [];
  return { color: colors[index % colors.length] ?? '#888888', dash };
}

/** The datasets of lines: with one line also the band between its least and greatest values. */
export function planChartData(lines: readonly ChartLine[], look: Pick<ChartLook, 'isDark'>): ChartData<'line'> {
  const hasBand = lines.length === 1;
  return {
    datasets: lines.flatMap(({ label, times, avg, min, max }, index) => {
      const points = (values: ChartLine['avg']) => times.map((x, at) => ({ x, y: values[at] ?? null }));
      const { color, dash } = chooseStroke(index, look);
      const line = {
        label,
        data: points(avg),
        borderColor: color,
        backgroundColor: color,
        borderDash: dash,
        borderWidth: 1.75,
        pointRadius: choosePointRadius(avg),
      };
      if (!hasBand) return [line];
      const edge = { borderWidth: 0, pointRadius: 0, backgroundColor: `${color}${BAND_OPACITY}` };
      return [
        line,
        { ...edge, label: '', data: points(max), fill: '+1' },
        { ...edge, label: '', data: points(min), fill: false },
      ];
    }),
  };
}

export function planChartOptions({ unit, from, to, max, lines }: ChartScale, look: ChartLook): ChartOptions<'line'> {
  const stepSize = chooseAxisStep(unit, findGreatest(lines), max);
  const ticks = { color: look.textColor, maxRotation: 0, autoSkipPadding: 24, sampleSize: MEASURED_LABELS };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    spanGaps: false,
    // Chart.js would draw the chart again at each move of the pointer; what it points at stands in elements above it.
    events: [],
    scales: {
      x: {
        type: 'time',
        min: from,
        max: to,
        ticks,
        grid: { display: false },
        adapters: { date: { locale: look.locale === 'ru' ? ru : undefined } },
        time: {
          minUnit: 'second',
          displayFormats: {
            // Chart.js judges by this one how many labels fit; its own is so wide that a phone gets a single label.
            millisecond: 'HH:mm:ss',
            second: 'HH:mm:ss',
            minute: 'HH:mm',
            hour: 'HH:mm',
            day: 'd MMM',
            week: 'd MMM',
            month: 'LLL yyyy',
          },
        },
      },
      y: {
        beginAtZero: true,
        ...(max === undefined ? {} : { max }),
        grid: { color: look.gridColor },
        border: { display: false },
        ticks: {
          ...ticks,
          maxTicksLimit: 5,
          ...(stepSize === undefined ? {} : { stepSize }),
          ...(unit === 'count' ? { precision: 0 } : {}),
          callback: (value) => formatMetricValue(Number(value), unit, look.locale),
        },
      },
    },
    plugins: { legend: { display: false } },
  };
}
