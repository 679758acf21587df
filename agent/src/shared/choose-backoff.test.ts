import { describe, expect, it } from 'vitest';
import { chooseBackoffMs } from './choose-backoff.ts';

const bounds = { firstMs: 1000, longestMs: 30_000 };

describe('chooseBackoffMs', () => {
  it.each([
    [1, 500, 1000],
    [2, 1000, 2000],
    [5, 8000, 16_000],
    [6, 15_000, 30_000],
    [1000, 15_000, 30_000],
  ])('after failure %i waits between %i and %i ms', (failures, shortest, longest) => {
    expect(chooseBackoffMs(bounds, failures, 0)).toBe(shortest);
    expect(chooseBackoffMs(bounds, failures, 0.999_999)).toBe(longest);
  });
});
