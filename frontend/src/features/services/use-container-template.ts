import type { ContainerTemplateView } from '@flotilla/contracts';
import { onScopeDispose, readonly, shallowRef } from 'vue';

export interface AskedContainer {
  readonly agentId: string;
  readonly id: string;
  readonly name: string;
}

/** Where the question to a node about one of its containers stands. */
export type TemplateReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking' | 'taken'; readonly container: AskedContainer }
  | { readonly kind: 'failed'; readonly container: AskedContainer; readonly error: unknown };

type Ask = (container: AskedContainer, signal: AbortSignal) => Promise<ContainerTemplateView>;

/**
 * Asks a node for a container's settings. Of several questions only the last one counts; the others are given up, and so is one
 * that nobody waits for any more because the form was left.
 */
export function useContainerTemplate(ask: Ask, onTaken: (template: ContainerTemplateView) => void) {
  const reading = shallowRef<TemplateReading>({ kind: 'none' });
  let waiting: AbortController | null = null;

  async function choose(container: AskedContainer | null): Promise<void> {
    waiting?.abort();
    waiting = null;
    reading.value = { kind: 'none' };
    if (container === null) return;
    const own = new AbortController();
    waiting = own;
    reading.value = { kind: 'asking', container };
    try {
      const template = await ask(container, own.signal);
      if (own.signal.aborted) return;
      reading.value = { kind: 'taken', container };
      onTaken(template);
    } catch (error) {
      if (!own.signal.aborted) reading.value = { kind: 'failed', container, error };
    }
  }

  async function retry(): Promise<void> {
    if (reading.value.kind === 'failed') await choose(reading.value.container);
  }

  onScopeDispose(() => waiting?.abort());
  return { reading: readonly(reading), choose, retry };
}
