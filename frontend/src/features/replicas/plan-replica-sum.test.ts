import { describe, expect, it } from 'vitest';
import { planReplicaSum } from './plan-replica-sum.ts';

describe('planReplicaSum', () => {
  it('adds what all nodes tell', () => {
    const outlooks = [
      { ready: 2, wanted: 2 },
      { ready: 0, wanted: 1 },
    ];
    expect(planReplicaSum(outlooks)).toEqual({ ready: 2, wanted: 3, isWhole: true });
  });

  it('does not take silence for none', () => {
    const outlooks = [
      { ready: 2, wanted: 2 },
      { ready: null, wanted: null },
    ];
    expect(planReplicaSum(outlooks)).toEqual({ ready: 2, wanted: null, isWhole: false });
  });
});
