import { shallowRef, type ShallowRef } from 'vue';
import type { Crosshair } from './crosshair.ts';
import { planTimeAt, type PlotFrame } from './plan-plot-frame.ts';

/** A shorter drag is a click that slipped. */
const SHORTEST_DRAG_PX = 8;

/** Times in milliseconds since the epoch, the earlier one first. */
export interface MarkedPart {
  readonly from: number;
  readonly to: number;
}

export interface ChartPointerDeps {
  readonly crosshair: Crosshair;
  /** Where the chart draws its lines; null while it has drawn none. */
  readonly frame: () => PlotFrame | null;
  readonly onZoom: (from: number, to: number) => void;
}

interface Drag {
  readonly pointerId: number;
  readonly fromPx: number;
  /** Kept as a time: the axis moves on while somebody drags. */
  readonly from: number;
}

/** Moves the page's crosshair with the pointer, and lets the reader mark a part of the chart by mouse, pen or finger. */
export function useChartPointer({ crosshair, frame, onZoom }: ChartPointerDeps) {
  const marked: ShallowRef<MarkedPart | null> = shallowRef(null);
  let drag: Drag | null = null;

  const readPx = (event: PointerEvent): number =>
    event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left;

  function begin(event: PointerEvent): void {
    const shown = frame();
    if (event.button !== 0 || !event.isPrimary || shown === null) return;
    const fromPx = readPx(event);
    if (fromPx < shown.left || fromPx > shown.right) return;
    drag = { pointerId: event.pointerId, fromPx, from: planTimeAt(shown, fromPx) };
    // What is marked may end beside the chart.
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  function move(event: PointerEvent): void {
    const shown = frame();
    if (shown === null) return;
    const px = readPx(event);
    const at = planTimeAt(shown, px);
    if (drag === null) {
      crosshair.value = px < shown.left || px > shown.right ? null : at;
      return;
    }
    if (event.pointerId !== drag.pointerId) return;
    crosshair.value = at;
    const isLong = Math.abs(px - drag.fromPx) >= SHORTEST_DRAG_PX;
    marked.value = isLong ? { from: Math.min(drag.from, at), to: Math.max(drag.from, at) } : null;
  }

  function cancel(): void {
    drag = null;
    marked.value = null;
    crosshair.value = null;
  }

  function end(event: PointerEvent): void {
    if (drag?.pointerId !== event.pointerId) return;
    const part = marked.value;
    drag = null;
    marked.value = null;
    if (event.pointerType !== 'mouse') crosshair.value = null;
    if (part !== null) onZoom(part.from, part.to);
  }

  function leave(): void {
    if (drag === null) crosshair.value = null;
  }

  return { marked, begin, move, end, cancel, leave };
}
