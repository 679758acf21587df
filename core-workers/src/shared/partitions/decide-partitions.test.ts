import { describe, expect, it } from 'vitest';
import { decidePartitions } from './decide-partitions.ts';

const first = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('decidePartitions', () => {
  it.each([
    ['alone takes all', 0, 1, 0, 16],
    ['alone keeps all', 16, 1, 0, 0],
    ['gives half to a second', 16, 2, 8, 0],
    ['takes its half', 0, 2, 0, 8],
    ['gives some to a third', 8, 3, 2, 0],
    ['takes what is left of two others', 4, 3, 0, 2],
    ['takes one of sixteen', 0, 16, 0, 1],
    ['has nothing to do beside sixteen others but one', 0, 17, 0, 1],
    ['takes over when others are gone', 8, 1, 0, 8],
    ['counts itself when nobody is counted', 0, 0, 0, 16],
  ])('%s', (_, owned, workers, released, mayTake) => {
    const decision = decidePartitions({ total: 16, owned: first(owned), workers });
    expect({ released: decision.release.length, mayTake: decision.mayTake }).toEqual({ released, mayTake });
  });

  it('gives up none that it does not have', () => {
    expect(decidePartitions({ total: 16, owned: [3, 9, 11], workers: 16 }).release).toEqual([9, 11]);
  });
});
