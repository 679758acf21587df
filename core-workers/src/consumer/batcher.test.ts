import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batcher } from './batcher.ts';

describe('Batcher', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function build({ maxSize = 3, maxAgeMs = 20, flushMs = 0, maxFlushes = 1 } = {}) {
    const batches: number[][] = [];
    let running = 0;
    let most = 0;
    const batcher = new Batcher<number>({
      maxSize,
      maxAgeMs,
      maxFlushes,
      flush: async (items) => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setTimeout(resolve, flushMs));
        batches.push([...items]);
        running -= 1;
      },
    });
    return { batcher, batches, mostAtOnce: () => most };
  }

  it('flushes a full batch at once and the rest by age', async () => {
    const { batcher, batches } = build();
    for (const item of [1, 2, 3, 4]) batcher.add(item);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([[1, 2, 3]]);
    await vi.advanceTimersByTimeAsync(20);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('flushes one batch after the other, in order', async () => {
    const { batcher, batches, mostAtOnce } = build({ flushMs: 50 });
    for (let item = 1; item <= 9; item += 1) batcher.add(item);
    await vi.advanceTimersByTimeAsync(200);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect(mostAtOnce()).toBe(1);
  });

  it('flushes as many batches at once as it may, and lets them grow meanwhile', async () => {
    const { batcher, batches, mostAtOnce } = build({ flushMs: 50, maxFlushes: 2 });
    for (let item = 1; item <= 8; item += 1) batcher.add(item);
    await vi.advanceTimersByTimeAsync(30);
    batcher.add(9);
    await vi.advanceTimersByTimeAsync(80);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect(mostAtOnce()).toBe(2);
  });

  it('flushes early when it is told that nothing more comes', async () => {
    const { batcher, batches } = build({ flushMs: 10 });
    batcher.flushSoon();
    for (const item of [1, 2, 3, 4]) batcher.add(item);
    batcher.flushSoon();
    await vi.advanceTimersByTimeAsync(20);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    batcher.add(5);
    await vi.advanceTimersByTimeAsync(15);
    expect(batches, 'the next one waits for others again').toHaveLength(2);
    await vi.advanceTimersByTimeAsync(20);
    expect(batches).toHaveLength(3);
  });

  it('drains what is in hand and leaves no timer', async () => {
    const { batcher, batches } = build({ flushMs: 50 });
    for (const item of [1, 2, 3, 4]) batcher.add(item);
    const drained = batcher.drain();
    await vi.advanceTimersByTimeAsync(100);
    await drained;
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
