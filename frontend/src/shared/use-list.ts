import { computed, reactive, ref, watch } from 'vue';
import { usePolling } from './use-polling.ts';

const PAGE_SIZE = 50;
const TYPING_PAUSE_MS = 250;

export interface ListQuery<Sort extends string> {
  page: number;
  pageSize: number;
  sort: Sort;
  order: 'asc' | 'desc';
  search?: string;
}

/** What a table needs to show and change the order. */
export interface ListState {
  readonly sort: string;
  readonly order: 'asc' | 'desc';
  sortBy(field: string): void;
}

interface ListAnswer {
  readonly items: readonly unknown[];
  readonly total: number;
}

export interface ListOptions<Answer extends ListAnswer, Sort extends string, Filters extends object> {
  readonly sort: Sort;
  readonly order?: 'asc' | 'desc';
  readonly filters: Filters;
  readonly intervalMs: number;
  readonly read: (query: ListQuery<Sort> & Filters, signal: AbortSignal) => Promise<Answer>;
}

/** One of the Core's lists: polled, with its page, order, search and filters, which each start over at page 1. */
export function useList<Answer extends ListAnswer, Sort extends string, Filters extends object>(
  options: ListOptions<Answer, Sort, Filters>,
) {
  const page = ref(1);
  const search = ref('');
  const order = reactive({ sort: options.sort as string, order: options.order ?? 'asc' });
  const filters = reactive({ ...options.filters }) as Filters;

  const polling = usePolling((signal) => {
    const words = search.value.trim();
    const query = { page: page.value, pageSize: PAGE_SIZE, sort: order.sort as Sort, order: order.order };
    return options.read({ ...query, ...filters, ...(words !== '' && { search: words }) }, signal);
  }, options.intervalMs);

  const state: ListState = reactive({
    sort: computed(() => order.sort),
    order: computed(() => order.order),
    sortBy(field: string): void {
      order.order = order.sort === field && order.order === 'asc' ? 'desc' : 'asc';
      order.sort = field;
    },
  });

  let typing: ReturnType<typeof setTimeout> | undefined;
  function startOver(): void {
    if (page.value === 1) void polling.reload();
    else page.value = 1;
  }
  watch([() => ({ ...order }), () => ({ ...filters })], startOver);
  watch(page, () => void polling.reload());
  watch(search, (_, __, onCleanup) => {
    typing = setTimeout(startOver, TYPING_PAUSE_MS);
    onCleanup(() => clearTimeout(typing));
  });

  const items = computed((): Answer['items'] => polling.data.value?.items ?? []);
  const pages = computed(() => Math.ceil((polling.data.value?.total ?? 0) / PAGE_SIZE));
  return { ...polling, page, pages, search, filters, state, items };
}
