import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };
const latency = { kind: 'value', metric: { kind: 'latency_p95' }, value: 10 } as const;
const low = { ...policy, targets: [cpuTarget(0.3)] };

export const unreadyCases: readonly ScalingCase[] = [
  {
    name: 'on the way up they count as idle',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpUnreadyLessScale`,
    policy: low,
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: ['starting', 0.5, 0.7] }], expected: { to: 4, current: 0.6 } }],
  },
  {
    name: 'so does one that has just begun: its CPU is that of its start',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpHotCpuLessScale`,
    policy: low,
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: ['young', 0.5, 0.7] }], expected: { to: 4, current: 0.6 } }],
  },
  {
    name: 'where they turn the direction nothing happens',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpUnreadyNoScale`,
    policy: low,
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: [0.4, 'starting', 'starting'] }], expected: { to: 3, wanted: 3 } }],
  },
  {
    name: 'they do not make more of a load that is not there, nor less',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleDownIncludeUnreadyPods`,
    policy,
    replicas: 5,
    steps: [
      { at: 0, nodes: [{ replicas: [0.1, 0.3, 0.5, 'starting', 'starting'] }], expected: { to: 2, current: 0.3 } },
    ],
  },
  {
    name: 'those that have just begun are left out on the way down',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleDownIgnoreHotCpuPods`,
    policy,
    replicas: 5,
    steps: [{ at: 0, nodes: [{ replicas: [0.1, 0.3, 0.5, 'young', 'young'] }], expected: { to: 2 } }],
  },
  {
    name: 'what is asked for and not made yet is unready as well',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleDownExcludeUnscheduledPods; pending pods`,
    policy,
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [0.9], wanted: 2 }],
        expected: { to: 2, wanted: 2, outcome: null, limits: [] },
      },
      { at: 5, nodes: [{ replicas: [3], wanted: 2 }], expected: { to: 6, limits: [] } },
    ],
  },
  {
    name: 'those that leave are not counted, whatever state they are in',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpIgnoresDeletionPods`,
    policy: low,
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: [0.5, 0.7, 'starting', 'starting'] }], expected: { to: 4 } }],
  },
  {
    name: 'missing and unready together',
    source: `${SOURCES.calculator}: TestReplicaCalcMissingMetricsUnreadyScaleUp`,
    policy,
    replicas: 3,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: ['starting', 2, null] }],
        expected: { to: 4, missing: 1, limits: [] },
      },
    ],
  },
  {
    name: 'with them the load may be within its tolerance',
    source: `${SOURCES.hpa}, algorithm details: the new ratio is within the tolerance`,
    policy,
    replicas: 10,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: [...each(9, 0.6), 'starting'] }],
        expected: { to: 10, limits: ['tolerance 11→10'] },
      },
      { at: 5, nodes: [{ replicas: each(9, 0.6) }], expected: { to: 10, limits: ['tolerance 11→10'] } },
    ],
  },
  {
    name: 'with them the load may be less than the target, while others still leave',
    source: `${SOURCES.hpa}, algorithm details: the new ratio reverses the scale direction`,
    policy,
    replicas: 3,
    steps: [
      {
        at: 0,
        nodes: [
          { wanted: 1, replicas: each(3, 0.6) },
          { wanted: 2, replicas: each(2, 'starting') },
        ],
        expected: { to: 3, limits: ['unready 4→3'] },
      },
    ],
  },
  {
    name: 'a latency is of those that are ready, and not multiplied by those that start',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpCMObjectIgnoresUnreadyPods`,
    policy: { ...policy, targets: [latency] },
    replicas: 3,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: ['starting', null, 'starting'], latencyP95Ms: 50 }],
        expected: { to: 5, wanted: 5, current: 50, limits: [] },
      },
    ],
  },
  {
    name: 'while those that a latency asked for start, it asks for no more',
    source: `${SOURCES.calculator}: getUsageRatioReplicaCount, ready replicas alone`,
    policy: { ...policy, targets: [{ ...latency, value: 100 }] },
    replicas: 1,
    steps: [
      { at: 0, nodes: [{ replicas: [null], latencyP95Ms: 200 }], expected: { to: 2, outcome: 'scaled' } },
      {
        at: 5,
        until: 60,
        nodes: [{ replicas: [null, 'starting'], latencyP95Ms: 200 }],
        expected: { to: 2, outcome: null, limits: [] },
      },
      { at: 65, nodes: [{ replicas: [null, null], latencyP95Ms: 150 }], expected: { to: 3, outcome: 'scaled' } },
    ],
  },
];
