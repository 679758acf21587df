import type { ServiceNode } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { decideListedReplicas } from './decide-listed-replicas.ts';

const buildNode = (agentId: string, replicas: ServiceNode['replicas']): ServiceNode => ({
  agentId,
  agentName: agentId,
  configuration: { state: 'applied', reason: null, appliedRevision: 1, updatedAt: '2026-01-01T00:00:00Z' },
  replicas,
});
const [well, lacking] = [
  { ready: 2, wanted: 2, problem: null },
  { ready: 0, wanted: 1, problem: 'no such image' },
];

describe('decideListedReplicas', () => {
  it.each([
    ['nothing of a service without its own', [null], null],
    ['nothing while all are ready', [well, well], null],
    ['nothing while a few more start', [{ ready: 1, wanted: 3, problem: null }], null],
    ['that none is ready', [lacking], { verdict: 'none', ready: 0, wanted: 1 }],
    ['that they start', [{ ready: 0, wanted: 1, problem: null }], { verdict: 'starting', ready: 0, wanted: 1 }],
    ['how many lack when one node has a problem', [well, lacking], { verdict: 'some', ready: 2, wanted: 3 }],
  ])('says %s', (_, replicas, expected) => {
    const nodes = replicas.map((one, index) => buildNode(String(index), one));
    expect(decideListedReplicas({ nodes }, () => false)).toEqual(expected);
  });

  it('takes what a node that is offline said last for nothing', () => {
    expect(decideListedReplicas({ nodes: [buildNode('a', lacking)] }, () => true)).toBeNull();
  });
});
