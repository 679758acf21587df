import { expect, it } from 'vitest';
import { compareText } from './compare-text.ts';

it('orders texts by code units', () => {
  expect(['b', 'a', '', 'B', 'ab', 'a'].toSorted(compareText)).toEqual(['', 'B', 'a', 'a', 'ab', 'b']);
});
