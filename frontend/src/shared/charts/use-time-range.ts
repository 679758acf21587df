import { metricRange, metricRanges, type MetricRange } from '@flotilla/contracts';
import { computed, type ComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

export const DEFAULT_RANGE: MetricRange = '1h';

/** What is shown: a range up to now, or a part of the past. */
export type TimeSelection =
  | { readonly kind: 'live'; readonly range: MetricRange }
  | { readonly kind: 'fixed'; readonly from: string; readonly to: string };

export interface TimeRange {
  readonly selection: ComputedRef<TimeSelection>;
  /** The selection as the API's query. */
  readonly query: ComputedRef<{ range: MetricRange } | { from: string; to: string }>;
  readonly choose: (range: MetricRange) => void;
  /** Times in milliseconds since the epoch. */
  readonly zoom: (from: number, to: number) => void;
}

/** What of an address says which time is shown. */
const TIME_NAMES: ReadonlySet<string> = new Set(['range', 'from', 'to']);
const SHORT_RANGES: readonly MetricRange[] = ['5m', '15m', '1h'];
const SHORT_MS = 5000;
const LONG_MS = 30_000;
/** A fixed part of the past changes only when late samples arrive. */
const FIXED_MS = 60_000;
/** Three samples: shorter parts have nothing to see. */
const SHORTEST_ZOOM_MS = 15_000;

/** The page's time range, in its address: a link shows the same to somebody else. */
export function useTimeRange(): TimeRange {
  const route = useRoute();
  const router = useRouter();
  const selection = computed(() => readSelection(route.query));
  /** What else stands in the address, such as the nodes that a page compares, stays. */
  const go = (time: Record<string, string>): void => {
    const others = Object.entries(route.query).filter(([name]) => !TIME_NAMES.has(name));
    void router.replace({ query: { ...Object.fromEntries(others), ...time }, hash: route.hash });
  };
  return {
    selection,
    query: computed(() =>
      selection.value.kind === 'live'
        ? { range: selection.value.range }
        : { from: selection.value.from, to: selection.value.to },
    ),
    choose: (range) => go({ range }),
    zoom: (from, to) => go(planZoom(from, to)),
  };
}

/** A marked part of a chart as it stands in the address; a very short one is widened around its middle. */
export function planZoom(from: number, to: number): { from: string; to: string } {
  const missingMs = Math.max(0, SHORTEST_ZOOM_MS - (to - from));
  const write = (time: number): string => new Date(Math.round(time)).toISOString();
  return { from: write(from - missingMs / 2), to: write(to + missingMs / 2) };
}

/** Points of a chart that compares; a sample comes each 5 s, and one that comes a moment late must not leave a gap. */
const COMPARED_POINTS = 240;
const FINEST_STEP_MS = 10_000;
const LONGEST_STEP_MS = 31 * 86_400_000;

/** Milliseconds between the points of a comparison, whose answer has many lines. */
export function planComparedStepMs(selection: TimeSelection): number {
  const lengthMs =
    selection.kind === 'live' ? metricRanges[selection.range] : Date.parse(selection.to) - Date.parse(selection.from);
  return Math.min(LONGEST_STEP_MS, Math.max(FINEST_STEP_MS, Math.ceil(lengthMs / COMPARED_POINTS)));
}

/** How long a chart waits between two readings, in milliseconds. */
export function chooseRefreshMs(selection: TimeSelection): number {
  if (selection.kind === 'fixed') return FIXED_MS;
  return SHORT_RANGES.includes(selection.range) ? SHORT_MS : LONG_MS;
}

/** What makes no sense in an address shows the default. */
export function readSelection(query: Readonly<Record<string, unknown>>): TimeSelection {
  const { from, to } = query;
  if (isTime(from) && isTime(to) && Date.parse(from) < Date.parse(to)) return { kind: 'fixed', from, to };
  return { kind: 'live', range: metricRange.safeParse(query['range']).data ?? DEFAULT_RANGE };
}

function isTime(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
}
