import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };

export const boundCases: readonly ScalingCase[] = [
  {
    name: 'not over the maximum; that it holds is shown, and not with each sample',
    source: `${SOURCES.controller}: TooManyReplicas`,
    policy: { ...policy, maxReplicas: 4 },
    replicas: 2,
    steps: [
      { at: 0, nodes: [{ replicas: each(2, 2) }], expected: { to: 4, outcome: 'scaled', limits: ['maximum 8→4'] } },
      { at: 5, nodes: [{ replicas: each(4, 2) }], expected: { to: 4, outcome: 'held', limits: ['maximum 16→4'] } },
      { at: 10, until: 600, nodes: [{ replicas: each(4, 2) }], expected: { to: 4, outcome: null } },
      { at: 605, nodes: [{ replicas: each(4, 2) }], expected: { to: 4, outcome: 'held' } },
    ],
  },
  {
    name: 'not under the minimum; that is no news',
    source: `${SOURCES.controller}: TooFewReplicas`,
    policy: { ...policy, minReplicas: 2 },
    replicas: 3,
    steps: [
      { at: 0, nodes: [{ replicas: each(3, 0.01) }], expected: { to: 2, outcome: 'scaled', limits: ['minimum 1→2'] } },
      { at: 5, nodes: [{ replicas: each(2, 0.01) }], expected: { to: 2, outcome: null } },
    ],
  },
  {
    name: 'what is over a new maximum comes down at once, whatever steps and windows say',
    source: `${SOURCES.controller}: current replicas above max`,
    policy: { targets: [cpuTarget(0.5)], maxReplicas: 5 },
    replicas: 9,
    steps: [{ at: 0, nodes: [{ replicas: each(9, 0.5) }], expected: { to: 5, outcome: 'scaled' } }],
  },
  {
    name: 'what is under the minimum comes up without a figure',
    source: `${SOURCES.controller}: current replicas below min`,
    policy: { ...policy, minReplicas: 3 },
    replicas: 1,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [null] }],
        expected: { to: 3, wanted: null, outcome: 'scaled', limits: ['minimum 1→3'] },
      },
    ],
  },
  {
    name: 'not more than the nodes have room for',
    source: SOURCES.flotilla,
    policy,
    replicas: 2,
    steps: [
      {
        at: 0,
        capacity: 3,
        nodes: [{ replicas: each(2, 2) }],
        expected: { to: 3, wanted: 8, outcome: 'scaled', limits: ['capacity 8→3'] },
      },
      {
        at: 5,
        capacity: 3,
        nodes: [{ replicas: each(3, 2) }],
        expected: { to: 3, outcome: 'held', limits: ['capacity 12→3'] },
      },
    ],
  },
  {
    name: 'no room is no reason to take away what is there, nor to keep it',
    source: SOURCES.flotilla,
    policy,
    replicas: 4,
    steps: [
      { at: 0, capacity: 2, nodes: [{ replicas: each(4, 1) }], expected: { to: 4, outcome: 'held' } },
      { at: 5, capacity: 2, nodes: [{ replicas: each(4, 0.375) }], expected: { to: 3, outcome: 'scaled', limits: [] } },
    ],
  },
];
