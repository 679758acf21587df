import { describe, expect, it } from 'vitest';
import { chooseServing, chooseShares } from './choose-shares.ts';
import type { TrackedReplica } from './tracked-replica.ts';

const NOW = 100_000;
const SLOW = 10_000;
/** Ages in milliseconds; null for one that this agent found. */
const choose = (ages: (number | null)[], slowStartMs = SLOW) => {
  const ready = ages.map((age, index) => ({ containerId: String(index), readySince: age === null ? null : NOW - age }));
  const { shares, changesAt } = chooseShares(ready, slowStartMs, NOW);
  return { shares: shares.map(({ share }) => share), changesIn: changesAt === null ? null : changesAt - NOW };
};

describe('chooseShares', () => {
  it.each<[string, (number | null)[], number[], number | null]>([
    ['none', [], [], null],
    ['one that is alone has all', [0], [1], 2500],
    ['those that start together share alike', [0, 1000], [1, 1], 1500],
    ['a new one beside an old one begins low', [20_000, 0], [1, 0.25], 2500],
    ['it grows', [20_000, 2500], [1, 0.5], 2500],
    ['step by step', [20_000, 7499], [1, 0.75], 1],
    ['to all', [20_000, 10_000], [1, 1], null],
    ['one that was found has all', [null, 5000], [1, 0.75], 2500],
  ])('%s', (_, ages, shares, changesIn) => {
    expect(choose(ages)).toEqual({ shares, changesIn });
  });

  it('gives all at once without a slow start', () => {
    expect(choose([20_000, 0], 0)).toEqual({ shares: [1, 1], changesIn: null });
  });
});

describe('chooseServing', () => {
  const chooseOf = (...phases: TrackedReplica['phase'][]) =>
    chooseServing(phases.map((phase, index) => ({ containerId: `${phase} ${index}`, phase, readySince: 1 }))).map(
      ({ containerId }) => containerId,
    );

  it('takes those that are ready', () => {
    expect(chooseOf('pulling', 'starting', 'ready', 'unready', 'dead', 'draining', 'stopping', 'ready')).toEqual([
      'ready 2',
      'ready 7',
    ]);
  });

  it('takes those that lost their health when there is no other, and none that goes', () => {
    expect(chooseOf('starting', 'unready', 'draining')).toEqual(['unready 1']);
    expect(chooseOf('starting', 'draining', 'dead')).toEqual([]);
  });
});
