import { scalingPolicy, type ScalingPolicyDraft } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { emptyPolicy, emptySchedule, emptyTarget, readPolicy, writePolicy } from './scaling-form.ts';
import { buildPolicy } from './testing/build-scaling.ts';

const full: Partial<ScalingPolicyDraft> = {
  minReplicas: 2,
  maxReplicas: 20,
  targets: [
    { kind: 'value', metric: { kind: 'memory' }, value: 0.57 },
    { kind: 'value', metric: { kind: 'custom', name: 'queue.depth' }, value: 12.5 },
    {
      kind: 'threshold',
      metric: { kind: 'latency_p95' },
      comparison: 'below',
      value: 80,
      forMs: 1500,
      change: { by: 10, unit: 'percent' },
    },
  ],
  scaleUp: {
    stabilizationMs: 30_000,
    tolerance: 0.07,
    cooldownMs: 60_000,
    steps: [{ by: 3, unit: 'replicas', periodMs: 60_000 }],
    select: 'least',
  },
  scaleDown: { isDisabled: true, steps: [] },
  schedules: [
    {
      name: 'night',
      cron: '0 22 * * *',
      timeZone: 'Europe/Moscow',
      durationMs: 27_000_000,
      minReplicas: 1,
      maxReplicas: 3,
    },
  ],
  cpuReservation: 0.25,
  memoryReservationBytes: 100_000_001,
  isPaused: true,
  isDryRun: true,
};

describe('the form of a policy', () => {
  it.each([
    ['the smallest policy', {}],
    ['every setting', full],
  ])('gives back %s', (_, change) => {
    const policy = buildPolicy(change);
    expect(scalingPolicy.parse(writePolicy(readPolicy(policy)))).toEqual(policy);
  });

  it('starts with the defaults of the contracts', () => {
    expect(scalingPolicy.parse(writePolicy(emptyPolicy()))).toEqual(buildPolicy());
  });

  it('shows ratios as percent, without digits that nobody typed', () => {
    const { targets, scaleUp } = readPolicy(buildPolicy(full));
    expect([targets[0]?.value, scaleUp.tolerancePercent]).toEqual([57, 7]);
  });

  it('proposes a schedule and a target that the Core takes', () => {
    const form = {
      ...emptyPolicy(),
      schedules: [{ ...emptySchedule(), name: 'day' }],
      targets: [emptyTarget('memory')],
    };
    expect(scalingPolicy.safeParse(writePolicy(form)).success).toBe(true);
  });

  it.each([
    ['minReplicas', { minReplicas: '' as const }],
    ['minReplicas', { minReplicas: 5, maxReplicas: 4 }],
    ['targets', { targets: [] }],
    ['targets.0.value', { targets: [{ ...emptyTarget(), value: 0 }] }],
    ['targets.0.value', { targets: [{ ...emptyTarget(), value: '' as const }] }],
    ['targets.0.metric.name', { targets: [{ ...emptyTarget('custom'), value: 1 }] }],
    ['targets.0.forMs', { targets: [{ ...emptyTarget(), kind: 'threshold' as const, forSeconds: '' as const }] }],
    ['scaleUp.tolerance', { scaleUp: { ...emptyPolicy().scaleUp, tolerancePercent: '' as const } }],
    ['schedules.0.name', { schedules: [emptySchedule()] }],
  ])('lets the Core name a wrong %s', (field, change) => {
    const sent: unknown = JSON.parse(JSON.stringify(writePolicy({ ...emptyPolicy(), ...change })));
    expect(scalingPolicy.safeParse(sent).error?.issues.map(({ path }) => path.join('.'))).toContain(field);
  });
});
