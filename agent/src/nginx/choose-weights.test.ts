import { expect, it } from 'vitest';
import { chooseWeights } from './choose-weights.ts';

it.each<[string, [weight: number, share: number][], number[]]>([
  ['as they are set while all shares are full', [[2, 1], [4, 1]], [2, 4]], // prettier-ignore
  ['one that starts among others', [[1, 1], [1, 1], [1, 0.25]], [4, 4, 1]], // prettier-ignore
  ['in tenths', [[1, 1], [1, 0.1]], [10, 1]], // prettier-ignore
  ['beside another target’s weight', [[3, 1], [2, 0.5]], [3, 1]], // prettier-ignore
  ['no divisor but 1', [[1, 1], [1, 0.33]], [100, 33]], // prettier-ignore
  ['alone', [[5, 0.3]], [1]],
  ['never none', [[1, 1], [1, 0.0001]], [100, 1]], // prettier-ignore
  ['the largest', [[1000, 1], [1000, 0.99]], [100, 99]], // prettier-ignore
  ['nothing', [], []],
])('%s', (_, servers, weights) => {
  expect(chooseWeights(servers.map(([weight, share]) => ({ weight, share })))).toEqual(weights);
});
