import { describe, expect, it } from 'vitest';
import { isHigher, isLower, pushCount, type TimedCount } from './recommendation-window.ts';
import { createRandom } from '@flotilla/contracts/testing';

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

/** All that is not older than the window, and the extreme of it. */
function findNaively(all: readonly TimedCount[], now: number, windowMs: number, extreme: typeof Math.max): number {
  const inside = all.filter(({ at }, index) => index === all.length - 1 || now - at < windowMs);
  return extreme(...inside.map(({ count }) => count));
}

describe('pushCount', () => {
  it.each(SEEDS)('keeps the extremes that a list of all would give (seed %i)', (seed) => {
    const random = createRandom(seed);
    const windowMs = random.pick(0, 5000, 60_000, 300_000);
    const most = random.pick(3, 20, 100);
    const all: TimedCount[] = [];
    let [highest, lowest]: (readonly TimedCount[])[] = [[], []];
    let now = 0;
    for (let round = 0; round < 400; round += 1) {
      // Several nodes tell at the same time, and now and then all are silent for long.
      now += random.pick(0, 1, 5000, random.between(0, 20_000), 100_000);
      const entry = { at: now, count: random.between(0, most) };
      all.push(entry);
      highest = pushCount(highest ?? [], entry, windowMs, isHigher);
      lowest = pushCount(lowest ?? [], entry, windowMs, isLower);
      expect(highest[0]?.count).toBe(findNaively(all, now, windowMs, Math.max));
      expect(lowest[0]?.count).toBe(findNaively(all, now, windowMs, Math.min));
      expect(Math.max(highest.length, lowest.length)).toBeLessThanOrEqual(most + 1);
    }
  });

  it('does not change the window that it is given', () => {
    const before = Object.freeze([Object.freeze({ at: 0, count: 3 })]);
    expect(pushCount(before, { at: 1, count: 5 }, 1000, isHigher)).toEqual([{ at: 1, count: 5 }]);
  });
});
