import { describe, expect, it } from 'vitest';
import { decideIncrease, decideIntervalMs, decideRatePerSecond, decideWrappingIncrease } from './decide-rate.ts';

const WRAP = 2 ** 32;

describe('decideIntervalMs', () => {
  it.each([
    [1000, 6000, 5000],
    [0, 600_000, 600_000],
    [0, 0.25, 0.25],
    [0, 600_001, null],
    [5000, 5000, null],
    [5000, 4000, null],
    [NaN, 5000, null],
    [0, Infinity, null],
  ])('from %d to %d is %s', (previousMs, currentMs, intervalMs) =>
    expect(decideIntervalMs(previousMs, currentMs)).toBe(intervalMs),
  );
});

describe('decideIncrease', () => {
  it.each([
    [10, 15, 5],
    [10, 10, 0],
    [10, 9, null],
    [2 ** 60, 0, null],
    [NaN, 1, null],
    [0, Infinity, null],
  ])('from %d to %d is %s', (previous, current, increase) => expect(decideIncrease(previous, current)).toBe(increase));
});

describe('decideWrappingIncrease', () => {
  it.each([
    ['forward', 10, 15, true, 5],
    ['forward beyond 32 bits', WRAP + 10, WRAP + 30, true, 20],
    ['wrapped', WRAP - 100, 50, true, 150],
    ['wrapped just so far that it could have been once', 2 ** 31 + 2, 1, true, 2 ** 31 - 1],
    ['wrapped too far to be told', 2 ** 31 - 100, 50, true, null],
    ['began anew, and its companion too', WRAP - 100, 50, false, null],
    ['a counter of 64 bits that began anew', WRAP, 50, true, null],
    ['a little backwards', 5000, 4999, true, null],
  ])('%s', (_, previous, current, hasCompanionGoneOn, increase) =>
    expect(decideWrappingIncrease(previous, current, hasCompanionGoneOn)).toBe(increase),
  );
});

describe('decideRatePerSecond', () => {
  it.each([
    [10, 5000, 1, 2],
    [10, 5000, 512, 1024],
    [0, 5000, 1, 0],
    [null, 5000, 1, null],
  ])('%s in %d ms, each worth %d, is %s a second', (increase, intervalMs, unit, rate) =>
    expect(decideRatePerSecond(increase, intervalMs, unit)).toBe(rate),
  );
});
