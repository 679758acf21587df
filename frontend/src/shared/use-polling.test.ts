import { effectScope } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { usePolling } from './use-polling.ts';

const INTERVAL_MS = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A poll whose answers come when the test says so. */
function start() {
  const asked: { signal: AbortSignal; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const scope = effectScope();
  const polling = scope.run(() =>
    usePolling(
      (signal) => new Promise<string>((resolve, reject) => asked.push({ signal, answer: resolve, fail: reject })),
      INTERVAL_MS,
    ),
  );
  if (polling === undefined) throw new Error('the scope is not active');
  return { asked, scope, polling };
}

it('shows the answer to the newest question, in whatever order they come', async () => {
  const { asked, scope, polling } = start();
  void polling.reload();
  asked[1]?.answer('new');
  asked[0]?.answer('old');
  await vi.advanceTimersByTimeAsync(0);
  expect(polling.data.value).toBe('new');
  expect(asked[0]?.signal.aborted).toBe(true);
  expect(polling.loading.value).toBe(false);
  scope.stop();
});

it('asks again one interval after the answer, and never twice at once', async () => {
  const { asked, scope, polling } = start();
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 5);
  expect(asked).toHaveLength(1);
  asked[0]?.answer('first');
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(asked).toHaveLength(2);
  asked[1]?.fail(new Error('away'));
  await vi.advanceTimersByTimeAsync(0);
  expect([polling.data.value, polling.error.value]).toEqual(['first', new Error('away')]);
  scope.stop();
});

it('neither asks nor shows anything once its page is left', async () => {
  const { asked, scope, polling } = start();
  scope.stop();
  expect(asked[0]?.signal.aborted).toBe(true);
  asked[0]?.answer('late');
  await polling.reload();
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 3);
  expect(asked).toHaveLength(1);
  expect(polling.data.value).toBeNull();
});
