import type { MetricUnit } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { chooseAxisStep } from './choose-axis-step.ts';

const KIB = 1024;

it.each<[MetricUnit, number, number | undefined, number | undefined]>([
  ['percent', 40, 100, 25],
  ['percent', 400, undefined, undefined],
  ['count', 7, undefined, undefined],
  ['bytes', 0, undefined, 1],
  ['bytes', 3, undefined, 1],
  ['bytesPerSecond', 2_000_000, undefined, 512 * KIB],
  ['bytes', 2 * KIB ** 2, undefined, 512 * KIB],
  ['bytes', 3 * KIB ** 2, undefined, KIB ** 2],
  ['bytes', 100 * KIB ** 3, undefined, 32 * KIB ** 3],
])('of %s up to %d (%j) is %j', (unit, greatest, max, step) => {
  expect(chooseAxisStep(unit, greatest, max)).toBe(step);
});
