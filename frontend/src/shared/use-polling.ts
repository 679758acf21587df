import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';

export interface Polling<Data> {
  /** The last answer; stays when a later read fails. */
  readonly data: ShallowRef<Data | null>;
  readonly error: ShallowRef<unknown>;
  readonly loading: Ref<boolean>;
  /** Reads at once, for instance after a change. */
  readonly reload: () => Promise<void>;
}

/**
 * Reads now, then again `intervalMs` after each answer, so that a slow Core is not asked faster than it answers.
 * Pauses while the page is hidden and ends with the component.
 * @param intervalMs may depend on what was read last
 * @param read gets a signal that ends with the component, or when a newer read makes its answer worthless
 */
export function usePolling<Data>(
  read: (signal: AbortSignal) => Promise<Data>,
  intervalMs: number | ((last: Data | null) => number),
): Polling<Data> {
  const data: ShallowRef<Data | null> = shallowRef(null);
  const error = shallowRef<unknown>(null);
  const loading = ref(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | null = null;
  let stopped = false;

  function schedule(): void {
    clearTimeout(timer);
    if (stopped || document.hidden) return;
    const pauseMs = typeof intervalMs === 'number' ? intervalMs : intervalMs(data.value);
    timer = setTimeout(() => void reload(), pauseMs);
  }

  async function reload(): Promise<void> {
    if (stopped) return;
    current?.abort();
    const own = new AbortController();
    current = own;
    clearTimeout(timer);
    loading.value = true;
    try {
      const answer = await read(own.signal);
      if (own.signal.aborted) return;
      data.value = answer;
      error.value = null;
    } catch (failure) {
      if (own.signal.aborted) return;
      error.value = failure;
    }
    loading.value = false;
    schedule();
  }

  function onVisibilityChange(): void {
    if (document.hidden) clearTimeout(timer);
    else void reload();
  }

  document.addEventListener('visibilitychange', onVisibilityChange);
  onScopeDispose(() => {
    stopped = true;
    clearTimeout(timer);
    current?.abort();
    document.removeEventListener('visibilitychange', onVisibilityChange);
  });
  void reload();
  return { data, error, loading, reload };
}
