import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };

export const pauseCases: readonly ScalingCase[] = [
  {
    name: 'a paused policy changes nothing, and shows what it would have done',
    source: SOURCES.flotilla,
    policy: { ...policy, isPaused: true, minReplicas: 2 },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(2, 1) }],
        expected: { to: 2, wanted: 4, outcome: 'held', limits: ['paused 4→2'] },
      },
      { at: 5, nodes: [{ replicas: each(2, 1.5) }], expected: { to: 2, outcome: null } },
      { at: 10, nodes: [{ replicas: each(2, 0.5) }], expected: { to: 2, outcome: null, limits: [] } },
    ],
  },
  {
    name: 'not even bounds change the number of a paused one',
    source: SOURCES.flotilla,
    policy: { ...policy, isPaused: true, minReplicas: 3 },
    replicas: 1,
    steps: [{ at: 0, nodes: [{ replicas: [0.5] }], expected: { to: 1, limits: ['minimum 1→3', 'paused 3→1'] } }],
  },
  {
    name: 'a dry run records each number that it comes to, and changes nothing',
    source: SOURCES.flotilla,
    policy: { ...policy, isDryRun: true },
    replicas: 2,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(2, 1) }],
        expected: { to: 2, wanted: 4, outcome: 'dry_run', limits: ['dry_run 4→2'] },
      },
      { at: 5, nodes: [{ replicas: each(2, 1) }], expected: { to: 2, outcome: null } },
      { at: 10, nodes: [{ replicas: each(2, 1.5) }], expected: { to: 2, outcome: 'dry_run' } },
      { at: 15, nodes: [{ replicas: each(2, 1) }], expected: { to: 2, outcome: null } },
    ],
  },
];
