import { cpuTarget, each, SOURCES, type CaseStep, type ScalingCase } from './scaling-case.ts';

const targets = [cpuTarget(0.5)];
const down4or10Percent = {
  stabilizationMs: 0,
  steps: [
    { by: 4, unit: 'replicas' as const, periodMs: 60_000 },
    { by: 10, unit: 'percent' as const, periodMs: 60_000 },
  ],
};

/** The load stays as high or as low as it is; each number follows on the one before, so far apart. */
function follow(numbers: readonly number[], cpu: number, everySeconds: number): CaseStep[] {
  return numbers.slice(1).map((to, index) => ({
    at: index * everySeconds,
    nodes: [{ replicas: each(numbers[index] ?? 0, cpu) }],
    expected: { to, outcome: 'scaled' },
  }));
}

export const stepCases: readonly ScalingCase[] = [
  {
    name: '4 or 10 % a minute, what is more: from 80 to 72 and on',
    source: `${SOURCES.hpa}, scaling policies: 80 replicas to 10`,
    policy: { targets, maxReplicas: 80, minReplicas: 10, scaleDown: down4or10Percent },
    replicas: 80,
    steps: follow([80, 72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10], 0.01, 60),
  },
  {
    name: 'no second step within its period',
    source: `${SOURCES.hpa}, scaling policies: periodSeconds`,
    policy: { targets, maxReplicas: 80, scaleDown: down4or10Percent },
    replicas: 80,
    steps: [
      { at: 0, nodes: [{ replicas: each(80, 0.01) }], expected: { to: 72, limits: ['step 2→72'] } },
      { at: 5, until: 55, nodes: [{ replicas: each(72, 0.01) }], expected: { to: 72, outcome: null } },
      { at: 60, nodes: [{ replicas: each(72, 0.01) }], expected: { to: 64 } },
    ],
  },
  {
    name: 'the step that allows the least: 5 or 10 % a minute',
    source: `${SOURCES.hpa}, limit scale down rate: selectPolicy Min`,
    policy: {
      targets,
      maxReplicas: 80,
      scaleDown: {
        stabilizationMs: 0,
        select: 'least',
        steps: [
          { by: 10, unit: 'percent', periodMs: 60_000 },
          { by: 5, unit: 'replicas', periodMs: 60_000 },
        ],
      },
    },
    replicas: 80,
    steps: [
      { at: 0, nodes: [{ replicas: each(80, 0.01) }], expected: { to: 75 } },
      { at: 60, nodes: [{ replicas: each(75, 0.01) }], expected: { to: 70 } },
    ],
  },
  {
    name: '900 % a minute: ten times as many each time',
    source: `${SOURCES.kep853}, story 1: 1 → 10 → 100`,
    policy: { targets, maxReplicas: 100, scaleUp: { steps: [{ by: 900, unit: 'percent', periodMs: 60_000 }] } },
    replicas: 1,
    steps: [
      { at: 0, nodes: [{ replicas: [50] }], expected: { to: 10, limits: ['step 100→10'] } },
      { at: 30, nodes: [{ replicas: each(10, 50) }], expected: { to: 10, outcome: null } },
      { at: 60, nodes: [{ replicas: each(10, 50) }], expected: { to: 100 } },
    ],
  },
  {
    name: 'one in five minutes: 1 → 2 → 3 → 4',
    source: `${SOURCES.kep853}, story 3`,
    policy: { targets, scaleUp: { steps: [{ by: 1, unit: 'replicas', periodMs: 300_000 }] } },
    replicas: 1,
    steps: follow([1, 2, 3, 4], 5, 300),
  },
  {
    name: 'one down in ten minutes',
    source: `${SOURCES.kep853}, story 2`,
    policy: {
      targets,
      scaleDown: { stabilizationMs: 0, steps: [{ by: 1, unit: 'replicas', periodMs: 600_000 }] },
    },
    replicas: 10,
    steps: [
      { at: 0, nodes: [{ replicas: each(10, 0.1) }], expected: { to: 9 } },
      { at: 5, until: 595, nodes: [{ replicas: each(9, 0.1) }], expected: { to: 9 } },
      { at: 600, nodes: [{ replicas: each(9, 0.1) }], expected: { to: 8 } },
    ],
  },
  {
    name: 'by default 4 or twice as many in 15 s, what is more',
    source: `${SOURCES.hpa}, default behavior`,
    policy: { targets, maxReplicas: 100 },
    replicas: 1,
    steps: follow([1, 5, 10, 20, 40, 80, 100], 50, 15),
  },
  {
    name: 'a switched-off direction stays off, and is shown',
    source: `${SOURCES.kep853}, story 4: selectPolicy Disabled`,
    policy: { targets, scaleDown: { stabilizationMs: 0, isDisabled: true } },
    replicas: 4,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(4, 0.1) }],
        expected: { to: 4, outcome: 'held', limits: ['disabled_direction 1→4'] },
      },
      { at: 5, nodes: [{ replicas: each(4, 0.75) }], expected: { to: 6, outcome: 'scaled' } },
    ],
  },
  {
    name: 'a share is rounded away from none: 10 % of 3 is one',
    source: `${SOURCES.controller}: rounded up on the way up, down on the way down`,
    policy: {
      targets,
      scaleUp: { steps: [{ by: 10, unit: 'percent', periodMs: 5000 }] },
      scaleDown: { stabilizationMs: 0, steps: [{ by: 10, unit: 'percent', periodMs: 5000 }] },
    },
    replicas: 3,
    steps: [
      { at: 0, nodes: [{ replicas: each(3, 5) }], expected: { to: 4 } },
      { at: 10, nodes: [{ replicas: each(4, 0.01) }], expected: { to: 3 } },
    ],
  },
  {
    name: 'steps count what people change as well',
    source: SOURCES.flotilla,
    policy: { targets, scaleUp: { steps: [{ by: 4, unit: 'replicas', periodMs: 60_000 }] } },
    replicas: 1,
    steps: [
      { at: 0, nodes: [{ replicas: [0.5] }], expected: { to: 1 } },
      { at: 5, manual: 4 },
      { at: 10, nodes: [{ replicas: each(4, 5) }], expected: { to: 5, limits: ['step 40→5'] } },
    ],
  },
];
