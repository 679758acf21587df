import { AT_ONCE, cpuTarget, each, SOURCES, type CaseStep, type ScalingCase } from './scaling-case.ts';

const minute = 60;
const targets = [{ kind: 'value', metric: { kind: 'requests_per_second' }, value: 1 }] as const;

/** One recommendation a minute: so many requests a second with a target of one a replica ask for as many replicas. */
function recommend(replicas: number, wanted: readonly number[], expected: readonly number[], from = 0): CaseStep[] {
  return wanted.map((requestsPerSecond, index) => ({
    at: (from + index) * minute,
    nodes: [{ replicas: each(replicas, null), requestsPerSecond }],
    expected: { to: expected[index] ?? replicas, wanted: requestsPerSecond },
  }));
}

export const stabilizationCases: readonly ScalingCase[] = [
  {
    name: 'the highest of the window counts on the way down',
    source: `${SOURCES.kep853}, story 5: 10 minutes, at most 5 a minute`,
    policy: {
      targets: [...targets],
      scaleUp: AT_ONCE,
      scaleDown: {
        stabilizationMs: 600_000,
        steps: [{ by: 5, unit: 'replicas', periodMs: 60_000 }],
        tolerance: 0,
      },
    },
    replicas: 10,
    steps: recommend(10, [10, 9, 8, 9, 9, 8, 9, 8, 9, 8, 7], [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9]),
  },
  {
    name: 'the lowest of the window counts on the way up',
    source: `${SOURCES.kep853}, story 6: 5 minutes, at most 20 a minute (the window here is 6 recommendations)`,
    policy: {
      targets: [...targets],
      scaleUp: { stabilizationMs: 360_000, steps: [{ by: 20, unit: 'replicas', periodMs: 60_000 }], tolerance: 0 },
      scaleDown: AT_ONCE,
    },
    replicas: 2,
    steps: recommend(2, [2, 3, 19, 10, 3, 4, 7], [2, 2, 2, 2, 2, 2, 3]),
  },
  {
    name: 'by default the number goes down after five minutes',
    source: `${SOURCES.hpa}, default behavior: 300 s`,
    policy: { targets: [cpuTarget(0.5)] },
    replicas: 4,
    steps: [
      { at: 0, nodes: [{ replicas: each(4, 0.5) }], expected: { to: 4, limits: [] } },
      {
        at: 5,
        until: 295,
        nodes: [{ replicas: each(4, 0.125) }],
        expected: { to: 4, wanted: 1, outcome: null, limits: ['stabilization 1→4'] },
      },
      { at: 300, nodes: [{ replicas: each(4, 0.125) }], expected: { to: 1, outcome: 'scaled', limits: [] } },
    ],
  },
  {
    name: 'by default the number goes up at once',
    source: `${SOURCES.hpa}, default behavior: 0 s`,
    policy: { targets: [cpuTarget(0.5)] },
    replicas: 2,
    steps: [
      { at: 0, nodes: [{ replicas: each(2, 0.5) }], expected: { to: 2 } },
      { at: 5, nodes: [{ replicas: each(2, 1) }], expected: { to: 4, outcome: 'scaled' } },
    ],
  },
  {
    name: 'a dip shorter than the window is smoothed',
    source: `${SOURCES.hpa}, stabilization window: a rolling maximum`,
    policy: { targets: [cpuTarget(0.5)], scaleDown: { stabilizationMs: 60_000, steps: [] } },
    replicas: 4,
    steps: [
      { at: 0, nodes: [{ replicas: each(4, 0.5) }], expected: { to: 4 } },
      { at: 5, until: 55, nodes: [{ replicas: each(4, 0.1) }], expected: { to: 4 } },
      { at: 60, until: 65, nodes: [{ replicas: each(4, 0.5) }], expected: { to: 4, limits: [] } },
      { at: 70, until: 120, nodes: [{ replicas: each(4, 0.1) }], expected: { to: 4 } },
      { at: 125, nodes: [{ replicas: each(4, 0.1) }], expected: { to: 1 } },
    ],
  },
  {
    name: 'what is there is the first recommendation: a worker that knows nothing takes nothing away',
    source: `${SOURCES.controller}: recordInitialRecommendation`,
    policy: { targets: [cpuTarget(0.5)] },
    replicas: 4,
    steps: [{ at: 0, nodes: [{ replicas: each(4, 0.1) }], expected: { to: 4, limits: ['stabilization 1→4'] } }],
  },
];
