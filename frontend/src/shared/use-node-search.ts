import { listAgents } from '@flotilla/contracts';
import { ref, watch, type Ref } from 'vue';
import { useApi } from './api-client.ts';
import { usePolling } from './use-polling.ts';

const LIST_INTERVAL_MS = 30_000;
const TYPING_PAUSE_MS = 250;

/**
 * Nodes that are found by typing: a fleet has more than a list can show.
 * @param most how many the list shows
 */
export function useNodeSearch(most: number) {
  const api = useApi();
  const search: Ref<string> = ref('');
  const polling = usePolling(
    (signal) => api.call(listAgents, { query: { pageSize: most, search: search.value.trim() }, signal }),
    LIST_INTERVAL_MS,
  );
  watch(search, (_, __, onCleanup) => {
    const timer = setTimeout(() => void polling.reload(), TYPING_PAUSE_MS);
    onCleanup(() => clearTimeout(timer));
  });

  /** Names of what was ever listed: what is chosen keeps its name while the list shows what a search finds. */
  const names = ref(new Map<string, string>());
  watch(polling.data, (list) => {
    for (const { id, name } of list?.items ?? []) names.value.set(id, name);
  });

  /** Nodes to choose from: those that are chosen and not listed first. */
  function listOptions(chosen: readonly string[]): { value: string; title: string }[] {
    const listed = (polling.data.value?.items ?? []).map(({ id, name }) => ({ value: id, title: name }));
    const others = chosen.filter((id) => listed.every(({ value }) => value !== id));
    return [...others.map((id) => ({ value: id, title: names.value.get(id) ?? id })), ...listed];
  }

  return { search, names, listOptions, error: polling.error, loading: polling.loading };
}
