import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };
const memory = { kind: 'value', metric: { kind: 'memory' }, value: 0.1 } as const;

export const toleranceCases: readonly ScalingCase[] = [
  {
    name: '7 % over the target are tolerated',
    source: `${SOURCES.kep4951}, summary: 100 replicas with a ratio of 1.07`,
    policy,
    replicas: 50,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(50, 0.535) }],
        expected: { to: 50, wanted: 50, outcome: null, limits: ['tolerance 54→50'] },
      },
    ],
  },
  {
    name: '7 % over the target are not tolerated with 5 %',
    source: `${SOURCES.kep4951}, summary: 100 replicas with a ratio of 1.07`,
    policy: { ...policy, scaleUp: { ...AT_ONCE, tolerance: 0.05 }, maxReplicas: 60 },
    replicas: 50,
    steps: [{ at: 0, nodes: [{ replicas: each(50, 0.535) }], expected: { to: 54, limits: [] } }],
  },
  {
    name: 'each direction has its own: 5 % up, none down',
    source: `${SOURCES.hpa}, tolerance: a target of 100 MiB, 5 % for scaling up`,
    policy: {
      targets: [memory],
      scaleUp: { ...AT_ONCE, tolerance: 0.05 },
      scaleDown: { ...AT_ONCE, tolerance: 0 },
    },
    replicas: 10,
    steps: [
      { at: 0, nodes: [{ replicas: each(10, 0), memory: each10(0.104) }], expected: { to: 10 } },
      { at: 5, nodes: [{ replicas: each(10, 0), memory: each10(0.106) }], expected: { to: 11 } },
      { at: 10, nodes: [{ replicas: each(10, 0), memory: each10(0.089) }], expected: { to: 9 } },
    ],
  },
  {
    name: 'exactly as much as tolerated is tolerated',
    source: `${SOURCES.calculator}: TestReplicaCalcTolerance; 0.55 ÷ 0.5 is 1.1000000000000001 in doubles`,
    policy,
    replicas: 10,
    steps: [
      { at: 0, nodes: [{ replicas: each(10, 0.55) }], expected: { to: 10 } },
      { at: 5, nodes: [{ replicas: each(10, 0.45) }], expected: { to: 10, limits: ['tolerance 9→10'] } },
      { at: 10, nodes: [{ replicas: each(10, 0.5501) }], expected: { to: 12 } },
    ],
  },
];

function each10(value: number): number[] {
  return Array.from({ length: 10 }, () => value);
}
