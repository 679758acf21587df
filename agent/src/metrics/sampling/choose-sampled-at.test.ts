import { describe, expect, it } from 'vitest';
import { chooseSampledAt } from './choose-sampled-at.ts';

const NOW_MS = 1_780_000_000_000;
const MINUTE_MS = 60_000;

describe('chooseSampledAt', () => {
  it.each([
    ['now, of the first', { nowMs: NOW_MS + 3, lastMs: 0 }, NOW_MS],
    ['now, when time goes on', { nowMs: NOW_MS + 5003, lastMs: NOW_MS }, NOW_MS + 5000],
    ['a little later than the last, when time stands still', { nowMs: NOW_MS, lastMs: NOW_MS }, NOW_MS + 8],
    ['a little later, when a clock was corrected a little', { nowMs: NOW_MS - 9000, lastMs: NOW_MS }, NOW_MS + 8],
    [
      'the right time, when the clock was far ahead',
      { nowMs: NOW_MS - 10 * MINUTE_MS, lastMs: NOW_MS },
      NOW_MS - 10 * MINUTE_MS + 1,
    ],
    ['on the same timeline after that', { nowMs: NOW_MS + 5000, lastMs: NOW_MS + 1 }, NOW_MS + 5001],
    ['the first timeline after the last', { nowMs: NOW_MS, lastMs: NOW_MS + 10 * MINUTE_MS + 7 }, NOW_MS],
    ['no time before there were any', { nowMs: 5000, lastMs: 0 }, null],
  ])('is %s', (_, inputs, sampledAt) => {
    expect(chooseSampledAt(inputs)).toBe(sampledAt);
  });

  /** What a clock that goes wrong makes of five minutes of samples, twice over the same time. */
  function sampleTwice(choose: typeof chooseSampledAt): (number | null)[] {
    const times: (number | null)[] = [];
    let lastMs = 0;
    for (const startMs of [NOW_MS, NOW_MS - 2 * MINUTE_MS, NOW_MS]) {
      for (let tick = 0; tick < 100; tick += 1) {
        const sampledAt = choose({ nowMs: startMs + tick * 1000, lastMs });
        times.push(sampledAt);
        lastMs = sampledAt ?? lastMs;
      }
    }
    return times;
  }

  it('is never one that was used, also when the same time comes again', () => {
    const times = sampleTwice(chooseSampledAt);
    expect(new Set(times).size).toBe(times.length);
    // The control: the clock alone gives the same time twice.
    expect(new Set(sampleTwice(({ nowMs }) => nowMs)).size).toBeLessThan(300);
  });
});
