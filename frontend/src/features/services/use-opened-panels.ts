import { ref, useTemplateRef, watch, type ComponentPublicInstance } from 'vue';

/**
 * Which of a component's panels are open. What the Core refused must not stay folded away.
 * @param name the template's ref of the panels
 * @param attempt changes with each answer to a save
 */
export function useOpenedPanels(name: string, attempt: () => unknown) {
  const opened = ref<number[]>([]);
  const panels = useTemplateRef<ComponentPublicInstance>(name);
  watch(
    attempt,
    () => {
      const list: Element[] = [
        ...((panels.value?.$el as Element | undefined)?.querySelectorAll('.v-expansion-panel') ?? []),
      ];
      const wrong = list.flatMap((panel, index) =>
        panel.querySelector('.v-input--error, .text-error') ? [index] : [],
      );
      opened.value = [...new Set([...opened.value, ...wrong])];
    },
    { flush: 'post' },
  );
  return opened;
}
