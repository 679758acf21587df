import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };
const qps = { kind: 'value', metric: { kind: 'custom', name: 'queue.length' }, value: 15 } as const;

export const ratioCases: readonly ScalingCase[] = [
  {
    name: 'twice the load: twice the replicas',
    source: `${SOURCES.hpa}, algorithm details: 200m with a target of 100m`,
    policy: { ...policy, targets: [cpuTarget(0.1)] },
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: each(3, 0.2) }], expected: { to: 6, wanted: 6, limits: [] } }],
  },
  {
    name: 'half the load: half the replicas',
    source: `${SOURCES.hpa}, algorithm details: 50m with a target of 100m`,
    policy: { ...policy, targets: [cpuTarget(0.1)] },
    replicas: 4,
    steps: [{ at: 0, nodes: [{ replicas: each(4, 0.05) }], expected: { to: 2, wanted: 2, limits: [] } }],
  },
  {
    name: '305 % with a target of 50 %: from 1 to 7',
    source: `${SOURCES.walkthrough}, increase the load`,
    policy: { ...policy, maxReplicas: 10 },
    replicas: 1,
    steps: [{ at: 0, nodes: [{ replicas: [3.05] }], expected: { to: 7, outcome: 'scaled', current: 3.05 } }],
  },
  {
    name: 'no load: as few as there may be',
    source: `${SOURCES.walkthrough}, stop generating load`,
    policy,
    replicas: 7,
    steps: [{ at: 0, nodes: [{ replicas: each(7, 0) }], expected: { to: 1, wanted: 0, limits: ['minimum 0→1'] } }],
  },
  {
    name: 'the mean of the replicas counts',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUp`,
    policy: { ...policy, targets: [cpuTarget(0.3)] },
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: [0.3, 0.5, 0.7] }], expected: { to: 5, current: 0.5 } }],
  },
  {
    name: 'the mean counts on the way down too',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleDown`,
    policy,
    replicas: 5,
    steps: [{ at: 0, nodes: [{ replicas: [0.1, 0.3, 0.5, 0.25, 0.25] }], expected: { to: 3 } }],
  },
  {
    name: 'a custom figure is a mean over the replicas',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpCM`,
    policy: { ...policy, targets: [qps] },
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: each(3, null), queue: [20, 10, 30] }], expected: { to: 4, current: 20 } }],
  },
  {
    name: 'requests a second are per ready replica',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpCMPerPodObject`,
    policy: { ...policy, targets: [{ kind: 'value', metric: { kind: 'requests_per_second' }, value: 5 }] },
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: each(3, null), requestsPerSecond: 20 }], expected: { to: 4 } }],
  },
  {
    name: 'requests at work are per ready replica',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleDownPerPodCMObject`,
    policy: { ...policy, targets: [{ kind: 'value', metric: { kind: 'in_flight' }, value: 2 }] },
    replicas: 5,
    steps: [{ at: 0, nodes: [{ replicas: each(5, null), inFlight: 6 }], expected: { to: 3, current: 1.2 } }],
  },
  {
    name: 'latency is of the whole service',
    source: `${SOURCES.calculator}: TestReplicaCalcScaleUpCMObject`,
    policy: { ...policy, targets: [{ kind: 'value', metric: { kind: 'latency_p95' }, value: 150 }] },
    replicas: 3,
    steps: [{ at: 0, nodes: [{ replicas: each(3, null), latencyP95Ms: 200 }], expected: { to: 4, current: 200 } }],
  },
  {
    name: 'memory is a ratio like CPU',
    source: SOURCES.flotilla,
    policy: { ...policy, targets: [{ kind: 'value', metric: { kind: 'memory' }, value: 0.6 }] },
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: each(2, 0.1), memory: [0.8, 1] }], expected: { to: 3, current: 0.9 } }],
  },
  {
    name: 'a whole number of replicas is not rounded up by what doubles cannot tell',
    source: `${SOURCES.flotilla}: 3 × 0.1 is 0.30000000000000004`,
    policy: { ...policy, targets: [cpuTarget(0.1)] },
    replicas: 1,
    steps: [{ at: 0, nodes: [{ replicas: [0.1 * 3] }], expected: { to: 3 } }],
  },
];
