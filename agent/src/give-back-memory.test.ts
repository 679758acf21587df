import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { giveBackMemory } from './give-back-memory.ts';

describe('giveBackMemory', () => {
  const gc = vi.fn<(options: object) => void>();
  beforeEach(() => {
    vi.useFakeTimers();
    gc.mockClear();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('collects once after the start, then every minute, until the end', () => {
    vi.stubGlobal('gc', gc);
    const ending = new AbortController();
    giveBackMemory(ending.signal);
    vi.advanceTimersByTime(14_000);
    expect(gc).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2000);
    expect(gc).toHaveBeenCalledExactlyOnceWith({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    vi.advanceTimersByTime(120_000);
    expect(gc).toHaveBeenCalledTimes(3);
    ending.abort();
    vi.advanceTimersByTime(120_000);
    expect(gc).toHaveBeenCalledTimes(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves a Node alone that was not told to expose its collector', () => {
    vi.stubGlobal('gc', undefined);
    giveBackMemory(new AbortController().signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
