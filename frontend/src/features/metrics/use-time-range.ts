import { metricRange, type MetricRange } from '@flotilla/contracts';
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

const SHORT_RANGES: readonly MetricRange[] = ['5m', '15m', '1h'];
const SHORT_MS = 5000;
const LONG_MS = 30_000;
/** A fixed part of the past changes only when late samples arrive. */
const FIXED_MS = 60_000;

/** The page's time range, in its address: a link shows the same to somebody else. */
export function useTimeRange(): TimeRange {
  const route = useRoute();
  const router = useRouter();
  const selection = computed(() => readSelection(route.query));
  const go = (query: Record<string, string>): void => void router.replace({ query, hash: route.hash });
  return {
    selection,
    query: computed(() =>
      selection.value.kind === 'live'
        ? { range: selection.value.range }
        : { from: selection.value.from, to: selection.value.to },
    ),
    choose: (range) => go({ range }),
    zoom: (from, to) => go({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
  };
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
