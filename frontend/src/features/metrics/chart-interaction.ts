import type { Chart, ChartEvent, Plugin } from 'chart.js';
import type { Crosshair } from './crosshair.ts';

/** A shorter drag is a click that slipped. */
const SHORTEST_DRAG_PX = 8;
const CROSSHAIR_WIDTH_PX = 1;

export interface InteractionDeps {
  readonly crosshair: Crosshair;
  /** A part of the chart was marked; milliseconds since the epoch. */
  readonly onZoom: (from: number, to: number) => void;
  readonly colors: () => { readonly line: string; readonly selection: string };
}

/** Draws the page's crosshair, moves it with the pointer, and lets the operator mark a part of the chart by dragging. */
export function createInteraction({ crosshair, onZoom, colors }: InteractionDeps): Plugin<'line'> {
  let dragFromPx: number | null = null;
  let dragToPx = 0;

  const timeAt = (chart: Chart, px: number): number | null => {
    const value = chart.scales['x']?.getValueForPixel(px);
    return value === undefined || Number.isNaN(value) ? null : value;
  };
  const clamp = ({ chartArea }: Chart, px: number): number => Math.min(chartArea.right, Math.max(chartArea.left, px));

  const endDrag = (chart: Chart): void => {
    if (dragFromPx !== null && Math.abs(dragToPx - dragFromPx) >= SHORTEST_DRAG_PX) {
      const [from, to] = [timeAt(chart, Math.min(dragFromPx, dragToPx)), timeAt(chart, Math.max(dragFromPx, dragToPx))];
      if (from !== null && to !== null) onZoom(Math.round(from), Math.round(to));
    }
    dragFromPx = null;
  };

  const follow = (chart: Chart, { type, x }: ChartEvent): void => {
    const px = clamp(chart, x ?? 0);
    if (type === 'mouseout') {
      crosshair.value = null;
      dragFromPx = null;
    } else if (type === 'mousedown') {
      dragFromPx = px;
      dragToPx = px;
    } else if (type === 'mouseup') {
      endDrag(chart);
    } else if (type === 'mousemove') {
      dragToPx = px;
      crosshair.value = timeAt(chart, px);
    }
  };

  return {
    id: 'interaction',
    afterEvent: (chart, { event, inChartArea }) => {
      if (inChartArea || event.type === 'mouseout' || dragFromPx !== null) follow(chart, event);
      else crosshair.value = null;
    },
    afterDatasetsDraw: (chart) => {
      const { ctx, chartArea } = chart;
      const height = chartArea.bottom - chartArea.top;
      if (dragFromPx !== null) {
        ctx.fillStyle = colors().selection;
        ctx.fillRect(dragFromPx, chartArea.top, dragToPx - dragFromPx, height);
      }
      const at = crosshair.value === null ? null : chart.scales['x']?.getPixelForValue(crosshair.value);
      if (at === null || at === undefined || at < chartArea.left || at > chartArea.right) return;
      ctx.fillStyle = colors().line;
      ctx.fillRect(at, chartArea.top, CROSSHAIR_WIDTH_PX, height);
    },
  };
}
