import { describe, expect, it } from 'vitest';
import {
  chooseBestMeasurement,
  chooseClockOffset,
  chooseMeasurements,
  type ClockMeasurement,
  type MeasuredOffset,
} from './choose-clock-offset.ts';

const at = (differenceMs: number, uncertaintyMs: number): ClockMeasurement => ({ differenceMs, uncertaintyMs });

describe('chooseMeasurements', () => {
  it.each<[string, ClockMeasurement[], ClockMeasurement, ClockMeasurement[]]>([
    ['keeps what agrees', [at(1000, 5)], at(1003, 2), [at(1000, 5), at(1003, 2)]],
    ['keeps a vague one that may be true', [at(1400, 500)], at(1000, 2), [at(1400, 500), at(1000, 2)]],
    ['forgets what cannot be true any more', [at(1000, 5), at(1001, 4)], at(601_000, 3), [at(601_000, 3)]],
    ['keeps an exact one beside a vague newest', [at(1000, 2)], at(3000, 2000), [at(1000, 2), at(3000, 2000)]],
  ])('%s', (_, before, newest, kept) => {
    expect(chooseMeasurements(before, newest)).toEqual(kept);
  });

  it('keeps the last 16', () => {
    let kept: readonly ClockMeasurement[] = [];
    for (let round = 0; round < 40; round += 1) kept = chooseMeasurements(kept, at(1000, round));
    expect(kept.map(({ uncertaintyMs }) => uncertaintyMs)).toEqual(
      Array.from({ length: 16 }, (__, index) => 24 + index),
    );
  });
});

describe('chooseBestMeasurement', () => {
  it('takes the shortest round trip, of equals the newest', () => {
    expect(chooseBestMeasurement([])).toBeNull();
    expect(chooseBestMeasurement([at(1, 9), at(2, 3), at(3, 3), at(4, 30)])).toEqual(at(3, 3));
  });
});

describe('chooseClockOffset', () => {
  const cases: [string, MeasuredOffset, number][] = [
    ['a clock that is right', { measuredMs: 3, uncertaintyMs: 2, currentMs: null }, 0],
    ['one that is a little wrong', { measuredMs: -999, uncertaintyMs: 2, currentMs: null }, 0],
    ['one that is 10 minutes ahead', { measuredMs: -600_000.4, uncertaintyMs: 2, currentMs: null }, -600_000],
    ['one that may as well be right', { measuredMs: 4000, uncertaintyMs: 5000, currentMs: null }, 0],
    ['a change within the uncertainty', { measuredMs: -600_300, uncertaintyMs: 400, currentMs: -600_000 }, -600_000],
    ['a change within the jitter', { measuredMs: -600_040, uncertaintyMs: 1, currentMs: -600_000 }, -600_000],
    ['a change beyond it', { measuredMs: -601_000, uncertaintyMs: 400, currentMs: -600_000 }, -601_000],
    ['a clock that was set right', { measuredMs: 1, uncertaintyMs: 2, currentMs: -600_000 }, 0],
    ['one at the edge, which keeps what it has', { measuredMs: 980, uncertaintyMs: 2, currentMs: 1010 }, 1010],
  ];
  it.each(cases)('%s', (_, measured, offsetMs) => {
    expect(chooseClockOffset(measured)).toBe(offsetMs);
  });
});
