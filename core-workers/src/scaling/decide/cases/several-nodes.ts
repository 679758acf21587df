import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };
const requests = { kind: 'value', metric: { kind: 'requests_per_second' }, value: 10 } as const;
const latency = { kind: 'value', metric: { kind: 'latency_p95' }, value: 100 } as const;

export const severalNodeCases: readonly ScalingCase[] = [
  {
    name: 'replicas of all nodes are one service',
    source: SOURCES.flotilla,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 1, replicas: [0.2] },
          { wanted: 3, replicas: [1, 1, 1] },
        ],
        expected: { to: 7, current: 0.8 },
      },
    ],
  },
  {
    name: 'requests are summed over nodes',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [requests] },
    replicas: 3,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 1, replicas: [null], requestsPerSecond: 5 },
          { wanted: 2, replicas: [null, null], requestsPerSecond: 55 },
        ],
        expected: { to: 6, current: 20 },
      },
    ],
  },
  {
    name: 'of latencies the worst counts',
    source: `${SOURCES.flotilla}: percentiles cannot be summed`,
    policy: { ...policy, targets: [latency] },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 1, replicas: [null], latencyP95Ms: 40 },
          { wanted: 1, replicas: [null], latencyP95Ms: 150 },
        ],
        expected: { to: 3, current: 150 },
      },
    ],
  },
  {
    name: 'what a silent node is asked for counts as missing',
    source: `${SOURCES.flotilla}: older than three intervals`,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 2, replicas: [0.125, 0.125] },
          { wanted: 2, replicas: [0.5, 0.5], ageSeconds: 16 },
        ],
        expected: { to: 3, missing: 2, limits: ['missing_figures 1→3'] },
      },
    ],
  },
  {
    name: 'a sample three intervals old still counts',
    source: SOURCES.flotilla,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 2, replicas: [0.125, 0.125] },
          { wanted: 2, replicas: [0.125, 0.125], ageSeconds: 15 },
        ],
        expected: { to: 1, missing: 0 },
      },
    ],
  },
  {
    name: 'a node that has never told is missing too',
    source: SOURCES.flotilla,
    policy,
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 1, replicas: [0.7] },
          { wanted: 1, replicas: [], ageSeconds: 'never' },
        ],
        expected: { to: 2, missing: 1, outcome: null },
      },
    ],
  },
  {
    name: 'a latency that a silent node does not tell keeps the number from going down',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [latency] },
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 2, replicas: each(2, null), latencyP95Ms: 10 },
          { wanted: 2, replicas: [], ageSeconds: 'never' },
        ],
        expected: { to: 4, wanted: 4, current: 10 },
      },
    ],
  },
  {
    name: 'a node that leaves still serves with what it has',
    source: SOURCES.flotilla,
    policy,
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 2, replicas: [0.5, 0.5] },
          { wanted: 0, replicas: [1] },
        ],
        expected: { to: 4, missing: 0 },
      },
    ],
  },
  {
    name: 'no node tells: nothing changes',
    source: SOURCES.flotilla,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 2, replicas: [2, 2], ageSeconds: 60 },
          { wanted: 2, replicas: [], ageSeconds: 'never' },
        ],
        expected: { to: 4, wanted: null, outcome: null, missing: 4 },
      },
    ],
  },
];
