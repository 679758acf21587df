import { computed, ref, shallowRef } from 'vue';
import { ApiProblem } from './api-problem.ts';

/** One change at a time: busy while it runs; what the Core refuses lands on its fields, the rest in `otherError`. */
export function useSubmit(run: () => Promise<void>) {
  const isBusy = ref(false);
  const error = shallowRef<unknown>(null);

  async function submit(): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = null;
    try {
      await run();
    } catch (failure) {
      error.value = failure;
    } finally {
      isBusy.value = false;
    }
  }

  const fieldProblems = computed(() => (error.value instanceof ApiProblem ? error.value.fieldProblems : []));
  return {
    isBusy,
    error,
    submit,
    otherError: computed(() => (fieldProblems.value.length > 0 ? null : error.value)),
    problemsOf: (field: string): string[] =>
      fieldProblems.value.filter((problem) => problem.field === field).map(({ message }) => message),
  };
}
