import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { choosePeriodMs } from './choose-period.ts';
import { runPeriodically } from './run-periodically.ts';

describe('choosePeriodMs', () => {
  const options = { intervalMs: 1000, jitter: 0.1, maxBackoffMs: 30_000 };
  it.each([
    { failures: 0, random: 0, expected: 1000 },
    { failures: 0, random: 0.5, expected: 950 },
    { failures: 0, random: 0.9999, expected: 900 },
    { failures: 3, random: 0, expected: 8000 },
    { failures: 400, random: 0, expected: 30_000 },
  ])('$failures failures, random $random → $expected ms', ({ failures, random, expected }) => {
    expect(choosePeriodMs(options, failures, random)).toBe(expected);
  });

  it('never makes a failing loop faster than a working one', () => {
    expect(choosePeriodMs({ ...options, maxBackoffMs: 10 }, 2, 0)).toBe(1000);
  });
});

describe('runPeriodically', () => {
  let abort: AbortController;
  let errors: number[];
  const start = (run: () => Promise<unknown>, more: object = {}) =>
    runPeriodically(run, {
      intervalMs: 100,
      jitter: 0,
      signal: abort.signal,
      onError: (_, failuresInARow) => void errors.push(failuresInARow),
      ...more,
    });

  beforeEach(() => {
    vi.useFakeTimers();
    abort = new AbortController();
    errors = [];
  });
  afterEach(() => {
    abort.abort();
    vi.useRealTimers();
  });

  it('runs at once and then at its interval', async () => {
    let runs = 0;
    start(async () => (runs += 1));
    await vi.advanceTimersByTimeAsync(350);
    expect(runs).toBe(4);
  });

  it('never runs twice at once', async () => {
    let running = 0;
    let most = 0;
    const loop = start(async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, 250));
      running -= 1;
    });
    for (let step = 0; step < 10; step += 1) {
      loop.runSoon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(most).toBe(1);
  });

  it('runs at once when asked, and collapses what is asked for meanwhile', async () => {
    let runs = 0;
    const loop = start(async () => (runs += 1), { isFirstRunDelayed: true });
    loop.runSoon();
    loop.runSoon();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toBe(1);
  });

  it('waits longer after each failure and is back at its interval after a success', async () => {
    let runs = 0;
    start(async () => {
      runs += 1;
      if (runs <= 2) throw new Error('away');
    });
    await vi.advanceTimersByTimeAsync(199);
    expect([runs, errors]).toEqual([1, [1]]);
    await vi.advanceTimersByTimeAsync(401);
    expect([runs, errors]).toEqual([3, [1, 2]]);
    await vi.advanceTimersByTimeAsync(100);
    expect(runs).toBe(4);
  });

  it('ends when the signal aborts, after the run in progress, and leaves no timer', async () => {
    let isEnded = false;
    const loop = start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isEnded = true;
    });
    abort.abort();
    await vi.advanceTimersByTimeAsync(50);
    await loop.finished;
    expect(isEnded).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
