import { describe, expect, it } from 'vitest';
import { chooseHistorySpan, isBeyondKept } from './choose-history-span.ts';

const DAY_MS = 86_400_000;

describe('the history that is asked for', () => {
  it.each([
    [1, 1],
    [31, 31],
    [180, 31],
    [730, 31],
  ])('is of %i days %i', (shown, asked) => {
    const to = 1000 * DAY_MS;
    expect(chooseHistorySpan({ from: to - shown * DAY_MS, to })).toEqual({ from: to - asked * DAY_MS, to });
  });

  it.each([
    [1, false],
    [7, false],
    [30, true],
  ])('of %i days says that there is less: %s', (days, isLess) => {
    expect(isBeyondKept({ from: -days * DAY_MS, to: 0 }, 0)).toBe(isLess);
  });
});
