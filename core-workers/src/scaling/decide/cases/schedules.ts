import { AT_ONCE, cpuTarget, each, SOURCES, type ScalingCase } from './scaling-case.ts';

const hour = 3600;
const day = 24 * hour;

const office = {
  name: 'Office hours',
  cron: '0 8 * * 1-5',
  timeZone: 'Europe/Berlin',
  durationMs: 10 * hour * 1000,
  minReplicas: 4,
  maxReplicas: 8,
};
const policy = { targets: [cpuTarget(0.5)], scaleUp: AT_ONCE, scaleDown: AT_ONCE };
const night = { ...office, name: 'Night', cron: '30 2 * * *', durationMs: hour * 1000 };

/** A load that asks for what is there. */
const steady = (replicas: number) => [{ replicas: each(replicas, 0.5) }];

export const scheduleCases: readonly ScalingCase[] = [
  {
    name: 'its bounds hold from its start to its end, by its own clock',
    source: `${SOURCES.flotilla}: Monday 2 March 2026, Berlin is one hour ahead`,
    begins: '2026-03-02T00:00:00Z',
    policy: { ...policy, schedules: [office] },
    replicas: 1,
    steps: [
      { at: 7 * hour - 5, nodes: steady(1), expected: { to: 1, schedule: null } },
      {
        at: 7 * hour,
        nodes: steady(1),
        expected: { to: 4, outcome: 'scaled', schedule: 'Office hours', limits: ['schedule 1→4'] },
      },
      { at: 17 * hour - 5, nodes: [{ replicas: each(4, 0.1) }], expected: { to: 4, schedule: 'Office hours' } },
      { at: 17 * hour, nodes: [{ replicas: each(4, 0.1) }], expected: { to: 1, schedule: null } },
    ],
  },
  {
    name: 'its maximum takes the place of the policy’s',
    source: SOURCES.flotilla,
    begins: '2026-03-02T09:00:00Z',
    policy: { ...policy, schedules: [office] },
    replicas: 6,
    steps: [
      {
        at: 0,
        nodes: [{ replicas: each(6, 1) }],
        expected: { to: 8, outcome: 'scaled', schedule: 'Office hours', limits: ['schedule 12→8'] },
      },
      { at: 5, nodes: [{ replicas: each(8, 1) }], expected: { to: 8, outcome: 'held' } },
    ],
  },
  {
    name: 'not on a Saturday',
    source: SOURCES.flotilla,
    begins: '2026-03-07T09:00:00Z',
    policy: { ...policy, schedules: [office] },
    replicas: 1,
    steps: [{ at: 0, nodes: steady(1), expected: { to: 1, schedule: null } }],
  },
  {
    name: 'summer time comes, and 8:00 is an hour earlier in UTC',
    source: `${SOURCES.flotilla}: Berlin, 29 March 2026`,
    begins: '2026-03-27T00:00:00Z',
    policy: { ...policy, schedules: [office], scaleDown: { isDisabled: true } },
    replicas: 1,
    steps: [
      { at: 7 * hour - 5, nodes: steady(1), expected: { to: 1, schedule: null } },
      { at: 7 * hour, nodes: steady(1), expected: { to: 4, schedule: 'Office hours' } },
      { at: 3 * day + 6 * hour - 5, nodes: steady(4), expected: { to: 4, schedule: null } },
      { at: 3 * day + 6 * hour, nodes: steady(4), expected: { to: 4, schedule: 'Office hours' } },
    ],
  },
  {
    name: 'a start that summer time skips comes when the clock has jumped',
    source: `${SOURCES.flotilla}: Berlin has no 2:30 on 29 March 2026; 3:00 is 1:00 UTC`,
    begins: '2026-03-29T00:00:00Z',
    policy: { ...policy, schedules: [night] },
    replicas: 4,
    steps: [
      { at: hour - 5, nodes: steady(4), expected: { to: 4, schedule: null } },
      { at: hour, nodes: steady(4), expected: { to: 4, schedule: 'Night' } },
      { at: 2 * hour - 5, nodes: steady(4), expected: { to: 4, schedule: 'Night' } },
      { at: 2 * hour, nodes: steady(4), expected: { to: 4, schedule: null } },
    ],
  },
  {
    name: 'a start that comes twice counts once',
    source: `${SOURCES.flotilla}: Berlin has 2:30 at 0:30 and 1:30 UTC on 25 October 2026`,
    begins: '2026-10-25T00:00:00Z',
    policy: { ...policy, schedules: [night] },
    replicas: 4,
    steps: [
      { at: 0.5 * hour - 5, nodes: steady(4), expected: { to: 4, schedule: null } },
      { at: 0.5 * hour, nodes: steady(4), expected: { to: 4, schedule: 'Night' } },
      { at: 1.5 * hour - 5, nodes: steady(4), expected: { to: 4, schedule: 'Night' } },
      { at: 1.5 * hour, nodes: steady(4), expected: { to: 4, schedule: null } },
    ],
  },
  {
    name: 'of two that are active the first in the policy counts',
    source: SOURCES.flotilla,
    begins: '2026-03-02T00:00:00Z',
    policy: {
      ...policy,
      schedules: [
        { ...office, name: 'Sale', cron: '0 12 2 3 *', durationMs: hour * 1000, minReplicas: 6, maxReplicas: 20 },
        office,
      ],
    },
    replicas: 4,
    steps: [
      { at: 10 * hour, nodes: steady(4), expected: { to: 4, schedule: 'Office hours' } },
      { at: 11 * hour, nodes: steady(4), expected: { to: 6, schedule: 'Sale' } },
      { at: 12 * hour, nodes: steady(6), expected: { to: 6, schedule: 'Office hours' } },
    ],
  },
  {
    name: 'spans that overlap are one',
    source: `${SOURCES.flotilla}: each hour for two`,
    begins: '2026-03-02T00:10:00Z',
    policy: {
      ...policy,
      schedules: [{ ...office, cron: '0 * * * *', timeZone: 'UTC', durationMs: 2 * hour * 1000 }],
    },
    replicas: 4,
    steps: [0, 1, 2, 3, 4].map((hours) => ({
      at: hours * hour,
      nodes: steady(4),
      expected: { to: 4, schedule: 'Office hours' },
    })),
  },
];
