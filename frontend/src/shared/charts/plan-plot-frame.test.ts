import { expect, it } from 'vitest';
import { planPixelAt, planTimeAt } from './plan-plot-frame.ts';

const frame = { left: 40, right: 240, top: 0, bottom: 100, from: 1000, to: 2000 };

it.each([
  [40, 1000],
  [140, 1500],
  [240, 2000],
  [0, 1000],
  [500, 2000],
])('at %i px it is %i', (px, time) => expect(planTimeAt(frame, px)).toBe(time));

it.each([
  [1000, 40],
  [1500, 140],
  [2000, 240],
  [999, null],
  [2001, null],
])('%i stands at %j px', (time, px) => expect(planPixelAt(frame, time)).toBe(px));

it('of a chart without width, or without time, says nothing wrong', () => {
  expect(planTimeAt({ ...frame, right: 40 }, 40)).toBe(1000);
  expect(planPixelAt({ ...frame, to: 1000 }, 1000)).toBeNull();
});
