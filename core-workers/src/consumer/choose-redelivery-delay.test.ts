import { expect, it } from 'vitest';
import { chooseRedeliveryDelayMs } from './choose-redelivery-delay.ts';

it.each([
  [1, 500],
  [2, 1000],
  [5, 8000],
  [8, 60_000],
  [2000, 60_000],
])('after delivery %d the next one waits %d ms', (deliveries, delayMs) => {
  expect(chooseRedeliveryDelayMs(deliveries)).toBe(delayMs);
});
