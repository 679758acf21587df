import type { MetricUnit } from '@flotilla/contracts';
import type { ChartData, ChartOptions } from 'chart.js';
import { ru } from 'date-fns/locale/ru';
import { formatMetricValue } from '../../shared/format-metric-value.ts';
import { choosePointRadius, type ChartLine } from './plan-chart.ts';

/** Told apart also by the colour-blind (Okabe and Ito), lighter ones for the dark theme. */
const LIGHT_COLORS = ['#0072b2', '#d55e00', '#007a5a', '#a5427c', '#7a5c00', '#4b4b9f'];
const DARK_COLORS = ['#56b4e9', '#e69f00', '#35c79b', '#e08ac0', '#f0e442', '#a8a8f0'];
const BAND_OPACITY = '2b';
const PERCENT_STEP = 25;

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
}

/** The datasets of lines: with one line also the band between its least and greatest values. */
export function planChartData(lines: readonly ChartLine[], { isDark }: ChartLook): ChartData<'line'> {
  const colors = isDark ? DARK_COLORS : LIGHT_COLORS;
  const hasBand = lines.length === 1;
  return {
    datasets: lines.flatMap(({ label, avg, min, max }, index) => {
      const color = colors[index % colors.length] ?? '#888888';
      const line = {
        label,
        data: [...avg],
        borderColor: color,
        backgroundColor: color,
        borderWidth: 1.75,
        pointRadius: avg.map((_, at) => choosePointRadius(avg, at)),
      };
      if (!hasBand) return [line];
      const edge = { borderWidth: 0, pointRadius: 0, backgroundColor: `${color}${BAND_OPACITY}` };
      return [
        line,
        { ...edge, label: '', data: [...max], fill: '+1' },
        { ...edge, label: '', data: [...min], fill: false },
      ];
    }),
  };
}

export function planChartOptions({ unit, from, to, max }: ChartScale, look: ChartLook): ChartOptions<'line'> {
  const ticks = { color: look.textColor, maxRotation: 0, autoSkipPadding: 24 };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    spanGaps: false,
    events: ['mousemove', 'mouseout', 'mousedown', 'mouseup', 'click', 'touchstart', 'touchmove'],
    interaction: { mode: 'index', intersect: false },
    elements: { point: { hitRadius: 4 } },
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
          tooltipFormat: 'd MMM, HH:mm:ss',
          displayFormats: {
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
          ...(max === 100 ? { stepSize: PERCENT_STEP } : {}),
          callback: (value) => formatMetricValue(Number(value), unit, look.locale),
        },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        // The band's edges have no name; what they say stands beside the line's value.
        filter: ({ dataset }) => dataset.label !== '',
        callbacks: {
          label: ({ dataset, parsed }) => `${dataset.label ?? ''}: ${formatMetricValue(parsed.y, unit, look.locale)}`,
        },
      },
    },
  };
}
