import { cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const queue = { kind: 'value', metric: { kind: 'custom', name: 'queue.length' }, value: 1 } as const;

export const runawayCases: readonly ScalingCase[] = [
  {
    name: 'a figure of 10⁹ goes no further than a step, and no further than the maximum',
    source: `${SOURCES.controller}: limits against bogus figures`,
    policy: { targets: [cpuTarget(0.5)], maxReplicas: 8 },
    replicas: 1,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [1e9] }],
        expected: { to: 5, wanted: 1_000_000, limits: ['step 1000000→5'] },
      },
      {
        at: 15,
        nodes: [{ replicas: each(5, 1e9) }],
        expected: { to: 8, limits: ['step 1000000→10', 'maximum 10→8'] },
      },
    ],
  },
  {
    name: 'the largest number there is, and the most negative, are numbers',
    source: SOURCES.flotilla,
    policy: { targets: [queue], maxReplicas: 8, scaleDown: { stabilizationMs: 0 } },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(2, null), queue: [Number.MAX_VALUE, Number.MAX_VALUE] }],
        expected: { to: 6, wanted: 1_000_000 },
      },
      {
        at: 20,
        nodes: [{ replicas: each(2, null), queue: [-1e300, 0] }],
        expected: { to: 1, wanted: 0 },
      },
    ],
  },
  {
    name: 'nor does it matter when the largest number is divided by a small target',
    source: `${SOURCES.flotilla}: 1.8 × 10³⁰⁸ ÷ 0.5 is no double`,
    policy: { targets: [cpuTarget(0.5)], maxReplicas: 8, scaleDown: { stabilizationMs: 0 } },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [Number.MAX_VALUE, 1e308] }],
        expected: { to: 6, wanted: 1_000_000, limits: ['step 1000000→6'] },
      },
    ],
  },
  {
    name: 'the most negative number divided by a small target asks for none',
    source: SOURCES.flotilla,
    policy: { targets: [{ ...queue, value: 0.5 }], maxReplicas: 8, scaleDown: { stabilizationMs: 0 } },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(2, null), queue: [-Number.MAX_VALUE, -1e308] }],
        expected: { to: 1, wanted: 0 },
      },
    ],
  },
];
