import type { ServiceNode } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { decideNodeStates } from './decide-node-state.ts';

const buildNode = (name: string, state: ServiceNode['configuration']['state']): ServiceNode => ({
  agentId: name,
  agentName: name,
  configuration: { state, reason: null, appliedRevision: null, updatedAt: '2026-01-01T00:00:00Z' },
  replicas: null,
});

describe('decideNodeStates', () => {
  it('puts what needs a look first, and blames the absence of a node for what does not move on', () => {
    const nodes = [
      buildNode('d', 'applied'),
      buildNode('b', 'applying'),
      buildNode('c', 'applying'),
      buildNode('e', 'rejected'),
      buildNode('a', 'applied'),
    ];
    const states = decideNodeStates({ nodes }, [
      { id: 'c', status: 'offline' },
      { id: 'd', status: 'offline' },
    ]);
    expect(states.map(({ agentName, shown }) => `${agentName} ${shown}`)).toEqual([
      'e rejected',
      'd away',
      'c waiting',
      'b applying',
      'a applied',
    ]);
  });
});
