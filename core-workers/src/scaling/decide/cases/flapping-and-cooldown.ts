import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const targets = [cpuTarget(0.5)];

export const flappingCases: readonly ScalingCase[] = [
  {
    name: 'fewer so soon after more is held and shown, once',
    source: `${SOURCES.hpa}, flapping; ${SOURCES.flotilla}`,
    policy: { targets, scaleDown: { stabilizationMs: 60_000, steps: [] } },
    replicas: 2,
    steps: [
      { at: 0, nodes: [{ replicas: each(2, 1) }], expected: { to: 4, outcome: 'scaled' } },
      {
        at: 5,
        nodes: [{ replicas: each(4, 0.25) }],
        expected: { to: 4, outcome: 'held', wanted: 2, limits: ['flapping 2→4'] },
      },
      {
        at: 10,
        until: 55,
        nodes: [{ replicas: each(4, 0.25) }],
        expected: { to: 4, outcome: null, limits: ['flapping 2→4'] },
      },
      { at: 60, nodes: [{ replicas: each(4, 0.25) }], expected: { to: 2, outcome: 'scaled', limits: [] } },
    ],
  },
  {
    name: 'more is not held after fewer when its own window is none',
    source: `${SOURCES.hpa}, default behavior: scaled up immediately`,
    policy: { targets, scaleDown: { stabilizationMs: 0, steps: [] } },
    replicas: 4,
    steps: [
      { at: 0, nodes: [{ replicas: each(4, 0.25) }], expected: { to: 2 } },
      { at: 5, nodes: [{ replicas: each(2, 1) }], expected: { to: 4, outcome: 'scaled' } },
    ],
  },
  {
    name: 'more is held after fewer within its own window',
    source: SOURCES.flotilla,
    policy: { targets, scaleUp: { stabilizationMs: 30_000, steps: [] }, scaleDown: AT_ONCE },
    replicas: 4,
    steps: [
      { at: 0, nodes: [{ replicas: each(4, 0.25) }], expected: { to: 2 } },
      { at: 5, nodes: [{ replicas: each(2, 1) }], expected: { to: 2, outcome: 'held', limits: ['flapping 4→2'] } },
      { at: 30, nodes: [{ replicas: each(2, 1) }], expected: { to: 4, outcome: 'scaled' } },
    ],
  },
  {
    name: 'what a person added is not taken away at once either',
    source: SOURCES.flotilla,
    policy: { targets, scaleDown: { stabilizationMs: 60_000, steps: [] } },
    replicas: 2,
    steps: [
      { at: 0, nodes: [{ replicas: each(2, 0.5) }], expected: { to: 2 } },
      { at: 5, manual: 4 },
      { at: 10, until: 60, nodes: [{ replicas: each(4, 0.25) }], expected: { to: 4, limits: ['flapping 2→4'] } },
      { at: 65, nodes: [{ replicas: each(4, 0.25) }], expected: { to: 2 } },
    ],
  },
  {
    name: 'a cooldown holds the next change in its direction',
    source: SOURCES.flotilla,
    policy: { targets, scaleUp: { ...AT_ONCE, cooldownMs: 30_000 }, scaleDown: AT_ONCE },
    replicas: 1,
    steps: [
      { at: 0, nodes: [{ replicas: [1] }], expected: { to: 2, outcome: 'scaled' } },
      {
        at: 5,
        until: 25,
        nodes: [{ replicas: each(2, 1) }],
        expected: { to: 2, wanted: 4, outcome: null, limits: ['cooldown 4→2'] },
      },
      { at: 30, nodes: [{ replicas: each(2, 1) }], expected: { to: 4, outcome: 'scaled' } },
    ],
  },
  {
    name: 'a cooldown does not hold the other direction',
    source: SOURCES.flotilla,
    policy: { targets, scaleUp: { ...AT_ONCE, cooldownMs: 600_000 }, scaleDown: AT_ONCE },
    replicas: 1,
    steps: [
      { at: 0, nodes: [{ replicas: [1] }], expected: { to: 2 } },
      { at: 5, nodes: [{ replicas: each(2, 0.1) }], expected: { to: 1, outcome: 'scaled' } },
      { at: 10, nodes: [{ replicas: [1] }], expected: { to: 1, limits: ['cooldown 2→1'] } },
    ],
  },
];
