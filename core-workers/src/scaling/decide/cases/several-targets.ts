import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const memory = { kind: 'value', metric: { kind: 'memory' }, value: 0.5 } as const;
const busy = { replicas: each(2, 1), memory: [1, 1] };
const policy = { targets: [cpuTarget(0.5), memory], scaleUp: AT_ONCE, scaleDown: AT_ONCE };

export const severalTargetCases: readonly ScalingCase[] = [
  {
    name: 'the one that wants the most wins',
    source: `${SOURCES.hpa}, algorithm details: the largest of the desired replica counts`,
    policy,
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(2, 0.2), memory: [1, 1] }],
        expected: { to: 4, wanted: 4, decisiveTarget: 1 },
      },
    ],
  },
  {
    name: 'of those that want the same the first decides',
    source: SOURCES.flotilla,
    policy,
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: each(2, 1), memory: [1, 1] }], expected: { to: 4, decisiveTarget: 0 } }],
  },
  {
    name: 'one that cannot be read prevents fewer',
    source: `${SOURCES.hpa}, algorithm details: scaling down is skipped`,
    policy,
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(4, 0.1) }],
        expected: { to: 4, wanted: 1, outcome: 'held', limits: ['unreadable_target 1→4'] },
      },
    ],
  },
  {
    name: 'one that cannot be read does not prevent more',
    source: `${SOURCES.hpa}, algorithm details: still capable of scaling up`,
    policy,
    replicas: 2,
    steps: [{ at: 0, nodes: [{ replicas: each(2, 1) }], expected: { to: 4, outcome: 'scaled', limits: [] } }],
  },
  {
    name: 'what was computed while one could not be read is not in the window',
    source: `${SOURCES.controller}: an error is returned before the recommendation is stored`,
    policy: { ...policy, scaleUp: { stabilizationMs: 20_000, steps: [] } },
    replicas: 2,
    steps: [
      { at: 0, until: 5, nodes: [busy], expected: { to: 2, wanted: 4 } },
      { at: 10, nodes: [{ replicas: each(2, 0.1) }], expected: { to: 2, wanted: 1 } },
      { at: 15, nodes: [busy], expected: { to: 2, wanted: 4 } },
      { at: 20, nodes: [busy], expected: { to: 4, outcome: 'scaled' } },
    ],
  },
];
