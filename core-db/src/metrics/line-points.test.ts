import { describe, expect, it } from 'vitest';
import { LinePoints } from './line-points.ts';

describe('LinePoints', () => {
  it('joins what two containers of one name brought to the same step, by their samples', () => {
    const points = new LinePoints(3);
    points.add({ ref: 1, step: 1, min0: 2, max0: 4, sum0: 9, samples0: 3 }, 0);
    points.add({ ref: 2, step: 1, min0: 1, max0: 3, sum0: 1, samples0: 1 }, 0);
    expect([points.min, points.avg, points.max]).toEqual([
      [null, 1, null],
      [null, 2.5, null],
      [null, 4, null],
    ]);
  });

  it('leaves a gap where a figure was never known', () => {
    const points = new LinePoints(1);
    points.add({ ref: 1, step: 0, min0: 0, max0: 0, sum0: 0, samples0: 5, min1: null, max1: null, sum1: null }, 1);
    expect(points.avg).toEqual([null]);
    points.add({ ref: 1, step: 0, min0: 0, max0: 0, sum0: 0, samples0: 5 }, 0);
    expect(points.avg).toEqual([0]);
  });
});
