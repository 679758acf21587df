import type { ScalingTarget } from '@flotilla/contracts';
import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

type Threshold = Extract<ScalingTarget, { kind: 'threshold' }>;

const busy: Threshold = {
  kind: 'threshold',
  metric: { kind: 'latency_p95' },
  comparison: 'above',
  value: 500,
  forMs: 30_000,
  change: { by: 2, unit: 'replicas' },
};
const idle: Threshold = {
  kind: 'threshold',
  metric: { kind: 'cpu' },
  comparison: 'below',
  value: 0.2,
  forMs: 60_000,
  change: { by: 1, unit: 'replicas' },
};
const policy = { targets: [busy], scaleUp: AT_ONCE, scaleDown: AT_ONCE };

const slow = { replicas: each(2, 0.4), latencyP95Ms: 900 };
const fast = { replicas: each(2, 0.4), latencyP95Ms: 100 };

export const thresholdCases: readonly ScalingCase[] = [
  {
    name: 'above a value for its whole time: so many more, once',
    source: SOURCES.flotilla,
    policy,
    replicas: 2,
    steps: [
      { at: 0, until: 25, nodes: [slow], expected: { to: 2, wanted: null, outcome: null } },
      { at: 30, nodes: [slow], expected: { to: 4, wanted: 4, outcome: 'scaled', decisiveTarget: 0 } },
      { at: 35, until: 55, nodes: [slow], expected: { to: 4, outcome: null } },
      { at: 60, nodes: [slow], expected: { to: 6, outcome: 'scaled' } },
    ],
  },
  {
    name: 'a moment below begins the time anew',
    source: SOURCES.flotilla,
    policy,
    replicas: 2,
    steps: [
      { at: 0, until: 25, nodes: [slow], expected: { to: 2 } },
      { at: 30, nodes: [fast], expected: { to: 2 } },
      { at: 35, until: 60, nodes: [slow], expected: { to: 2 } },
      { at: 65, nodes: [slow], expected: { to: 4 } },
    ],
  },
  {
    name: 'a gap in the samples begins the time anew',
    source: `${SOURCES.flotilla}: longer than three intervals`,
    policy,
    replicas: 2,
    steps: [
      { at: 0, until: 25, nodes: [slow], expected: { to: 2 } },
      { at: 45, until: 70, nodes: [slow], expected: { to: 2 } },
      { at: 75, nodes: [slow], expected: { to: 4 } },
    ],
  },
  {
    name: 'a sample that is late does not',
    source: `${SOURCES.flotilla}: up to three intervals`,
    policy,
    replicas: 2,
    steps: [
      { at: 0, until: 15, nodes: [slow], expected: { to: 2 } },
      { at: 30, nodes: [slow], expected: { to: 4 } },
    ],
  },
  {
    name: 'without a time it acts on the first sample',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [{ ...busy, forMs: 0 }] },
    replicas: 2,
    steps: [{ at: 0, nodes: [slow], expected: { to: 4, outcome: 'scaled' } }],
  },
  {
    name: 'exactly on the value is not above it',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [{ ...busy, forMs: 0 }] },
    replicas: 2,
    steps: [{ at: 0, nodes: [{ ...slow, latencyP95Ms: 500 }], expected: { to: 2, wanted: null } }],
  },
  {
    name: 'a share of those that are there, rounded up',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [{ ...busy, forMs: 0, change: { by: 50, unit: 'percent' } }] },
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: each(3, 0.4), latencyP95Ms: 900 }], expected: { to: 5 } }],
  },
  {
    name: 'below a value for its whole time: fewer, down to the minimum',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [idle] },
    replicas: 2,
    steps: [
      { at: 0, until: 55, nodes: [{ replicas: each(2, 0.1) }], expected: { to: 2 } },
      { at: 60, nodes: [{ replicas: each(2, 0.1) }], expected: { to: 1, outcome: 'scaled' } },
      { at: 65, until: 115, nodes: [{ replicas: [0.1] }], expected: { to: 1 } },
      { at: 120, nodes: [{ replicas: [0.1] }], expected: { to: 1, outcome: null, limits: ['minimum 0→1'] } },
    ],
  },
  {
    name: 'the window of scaling down is added to its time',
    source: `${SOURCES.hpa}, stabilization window`,
    policy: { ...policy, targets: [idle], scaleDown: { stabilizationMs: 120_000 } },
    replicas: 3,
    steps: [
      { at: 0, until: 55, nodes: [{ replicas: each(3, 0.1) }], expected: { to: 3, wanted: null } },
      {
        at: 60,
        until: 170,
        nodes: [{ replicas: each(3, 0.1) }],
        expected: { to: 3, wanted: 2, limits: ['stabilization 2→3'] },
      },
      { at: 175, nodes: [{ replicas: each(3, 0.1) }], expected: { to: 2 } },
    ],
  },
  {
    name: 'one that wants more outvotes one that wants fewer',
    source: `${SOURCES.hpa}, algorithm details: the largest`,
    policy: {
      ...policy,
      targets: [
        { ...idle, forMs: 0 },
        { ...busy, forMs: 0 },
      ],
    },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(2, 0.1), latencyP95Ms: 900 }],
        expected: { to: 4, decisiveTarget: 1 },
      },
    ],
  },
  {
    name: 'one that is not breached leaves the number to the others',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [busy, cpuTarget(0.5)] },
    replicas: 4,
    steps: [{ at: 0, nodes: [{ replicas: each(4, 0.25), latencyP95Ms: 100 }], expected: { to: 2 } }],
  },
  {
    name: 'replicas that tell nothing count as idle above and as on target below',
    source: `${SOURCES.hpa}, algorithm details: missing metrics`,
    policy: {
      ...policy,
      targets: [
        { ...idle, forMs: 0 },
        { ...idle, comparison: 'above', value: 0.6, forMs: 0 },
      ],
    },
    replicas: 2,
    steps: [
      { at: 0, nodes: [{ replicas: [0.9, null] }], expected: { to: 2, wanted: null } },
      { at: 5, nodes: [{ replicas: [1.3, null] }], expected: { to: 3 } },
    ],
  },
  {
    name: 'its time and a node that is silent for a moment: the others go on',
    source: SOURCES.flotilla,
    policy,
    replicas: 4,
    steps: [
      { at: 0, until: 25, nodes: [two(slow), two(slow)], expected: { to: 4 } },
      { at: 30, nodes: [two(slow), { ...two(slow), ageSeconds: 60 }], expected: { to: 6 } },
    ],
  },
];

function two<T extends object>(node: T): T & { wanted: number } {
  return { ...node, wanted: 2 };
}
