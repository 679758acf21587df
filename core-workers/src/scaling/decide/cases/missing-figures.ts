import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };
const full = { ...policy, targets: [cpuTarget(1)] };

export const missingFigureCases: readonly ScalingCase[] = [
  {
    name: 'on the way down they count as on target',
    source: `${SOURCES.calculator}: TestReplicaCalcMissingMetrics`,
    policy: full,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [0.4, 0.095, null, null] }],
        expected: { to: 3, missing: 2, current: 0.2475, limits: ['missing_figures 1→3'] },
      },
    ],
  },
  {
    name: 'on the way up they count as idle, and turn the direction: nothing',
    source: `${SOURCES.calculator}: TestReplicaCalcMissingMetricsNoChangeGt`,
    policy: full,
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: [1.9, null] }], expected: { to: 2, wanted: 2, current: 1.9 } }],
  },
  {
    name: 'on target nothing changes',
    source: `${SOURCES.calculator}: TestReplicaCalcMissingMetricsNoChangeEq`,
    policy: full,
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: [1, null] }], expected: { to: 2, outcome: null, limits: [] } }],
  },
  {
    name: 'a little less load is none less with them',
    source: `${SOURCES.calculator}: TestReplicaCalcMissingMetricsNoChangeLt`,
    policy: full,
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: [0.6, null] }], expected: { to: 2, limits: ['missing_figures 1→2'] } }],
  },
  {
    name: 'on the way up they make it less',
    source: `${SOURCES.hpa}, algorithm details: missing metrics dampen`,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [2, 2, null, null] }],
        expected: { to: 8, missing: 2 },
      },
      {
        at: 5,
        nodes: [{ replicas: [0.8, 0.8, 0.8, 0.8, 0.8, 0.8, null, null] }],
        expected: { to: 10, limits: [] },
      },
    ],
  },
  {
    name: 'a latency that is not told while there are requests blocks fewer',
    source: `${SOURCES.hpa}, algorithm details: a metric that cannot be converted`,
    policy: { ...policy, targets: [cpuTarget(0.5), { kind: 'value', metric: { kind: 'latency_p95' }, value: 100 }] },
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(4, 0.1), requestsPerSecond: 3 }],
        expected: { to: 4, wanted: 1, outcome: 'held', limits: ['unreadable_target 1→4'] },
      },
    ],
  },
  {
    name: 'without a request nothing is slow',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [cpuTarget(0.5), { kind: 'value', metric: { kind: 'latency_p95' }, value: 100 }] },
    replicas: 4,
    steps: [{ at: 0, nodes: [{ replicas: each(4, 0.1), requestsPerSecond: 0 }], expected: { to: 1, wanted: 1 } }],
  },
  {
    name: 'nothing known at all changes nothing',
    source: `${SOURCES.calculator}: TestReplicaCalcEmptyMetrics`,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(4, null) }],
        expected: { to: 4, wanted: null, decisiveTarget: null, outcome: null, current: null, missing: 4 },
      },
    ],
  },
];
