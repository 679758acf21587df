import { onMounted, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';

/** How far beside the window a chart counts as one that the reader may see in a moment. */
const NEAR = '300px';

interface Waiting {
  readonly draw: () => void;
  readonly isNear: () => boolean;
}

/** Charts that have something new to draw: one of them a frame, so that thirty of them never hold up the page. */
const waiting = new Set<Waiting>();
let request: number | null = null;

function drawNext(): void {
  request = null;
  const next = [...waiting].find(({ isNear }) => isNear()) ?? [...waiting][0];
  if (next === undefined) return;
  waiting.delete(next);
  next.draw();
  request = requestAnimationFrame(drawNext);
}

function enqueue(one: Waiting): void {
  waiting.add(one);
  request ??= requestAnimationFrame(drawNext);
}

export interface DrawnChart<Chart> {
  /** What the words around the drawing tell: always what there is to show, some frames later. */
  readonly told: ShallowRef<Chart>;
  /** What the drawing shows: the same where the reader sees it. Null until it is drawn for the first time. */
  readonly drawn: ShallowRef<Chart | null>;
  /** Whether the reader sees the chart, or will in a moment. */
  readonly isNear: ShallowRef<boolean>;
}

/**
 * Spreads the work of a page's charts over frames. A drawing that the reader does not see is made once, and again when it
 * comes into sight.
 * @param place the chart's element
 */
export function useDrawnChart<Chart>(
  place: Readonly<ShallowRef<HTMLElement | null>>,
  chart: () => Chart,
): DrawnChart<Chart> {
  const told = shallowRef(chart()) as ShallowRef<Chart>;
  const drawn: ShallowRef<Chart | null> = shallowRef(null);
  const isNear = shallowRef(false);
  const own: Waiting = {
    isNear: () => isNear.value,
    draw: () => {
      told.value = chart();
      if (isNear.value || drawn.value === null) drawn.value = chart();
    },
  };

  const observer = new IntersectionObserver(
    (entries) => {
      isNear.value = entries.at(-1)?.isIntersecting ?? false;
      if (isNear.value && drawn.value !== chart()) enqueue(own);
    },
    { rootMargin: NEAR },
  );
  onMounted(() => {
    if (place.value !== null) observer.observe(place.value);
    enqueue(own);
  });
  watch(chart, () => enqueue(own));
  onScopeDispose(() => {
    observer.disconnect();
    waiting.delete(own);
  });
  return { told, drawn, isNear };
}
