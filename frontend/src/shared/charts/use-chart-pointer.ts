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
  /** The reader points at this chart, and not at another one of the page. */
  const isOver = shallowRef(false);
  let drag: Drag | null = null;

  const readPx = (event: PointerEvent): number =>
    event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left;

  function begin(event: PointerEvent): void {
    const shown = frame();
    if (event.button !== 0 || !event.isPrimary || shown === null) return;
    const fromPx = readPx(event);
    if (fromPx < shown.left || fromPx > shown.right) return;
    const from = planTimeAt(shown, fromPx);
    drag = { pointerId: event.pointerId, fromPx, from };
    crosshair.value = from;
    isOver.value = true;
    // What is marked may end beside the chart.
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  function move(event: PointerEvent): void {
    const shown = frame();
    if (shown === null) return;
    const px = readPx(event);
    const at = planTimeAt(shown, px);
    if (drag === null) {
      isOver.value = px >= shown.left && px <= shown.right;
      crosshair.value = isOver.value ? at : null;
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
    isOver.value = false;
  }

  function end(event: PointerEvent): void {
    if (drag?.pointerId !== event.pointerId) return;
    const part = marked.value;
    drag = null;
    marked.value = null;
    if (part !== null) {
      crosshair.value = null;
      onZoom(part.from, part.to);
    }
  }

  /** A finger that is lifted leaves too: what it pointed at stays readable until it points elsewhere. */
  function leave(event: PointerEvent): void {
    if (drag !== null || event.pointerType !== 'mouse') return;
    crosshair.value = null;
    isOver.value = false;
  }

  return { marked, isOver, begin, move, end, cancel, leave };
}
