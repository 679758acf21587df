import { describe, expect, it } from 'vitest';
import { scalingPolicy, type ScalingPolicyDraft } from './scaling-policy.ts';

const cpu = { kind: 'value', metric: { kind: 'cpu' }, value: 0.5 } as const;
const schedule = {
  name: 'Day',
  cron: '0 8 * * 1-5',
  timeZone: 'Europe/Berlin',
  durationMs: 36_000_000,
  minReplicas: 2,
  maxReplicas: 10,
};

function buildPolicy(change: Partial<ScalingPolicyDraft> = {}): ScalingPolicyDraft {
  return { maxReplicas: 10, targets: [cpu], ...change };
}

describe('a scaling policy', () => {
  it('has the defaults of the Kubernetes HPA', () => {
    expect(scalingPolicy.parse(buildPolicy())).toMatchObject({
      minReplicas: 1,
      scaleUp: {
        stabilizationMs: 0,
        tolerance: 0.1,
        cooldownMs: 0,
        steps: [
          { by: 100, unit: 'percent', periodMs: 15_000 },
          { by: 4, unit: 'replicas', periodMs: 15_000 },
        ],
        select: 'most',
        isDisabled: false,
      },
      scaleDown: {
        stabilizationMs: 300_000,
        tolerance: 0.1,
        steps: [{ by: 100, unit: 'percent', periodMs: 15_000 }],
      },
    });
  });

  it.each<[string, object, string]>([
    ['min over max', { minReplicas: 5, maxReplicas: 4 }, 'minReplicas'],
    ['a target of 0', { targets: [{ ...cpu, value: 0 }] }, 'targets.0.value'],
    ['an unknown metric', { targets: [{ ...cpu, metric: { kind: 'mood' } }] }, 'targets.0.metric.kind'],
    ['no target', { targets: [] }, 'targets'],
    ['a schedule with min over max', { schedules: [{ ...schedule, minReplicas: 11 }] }, 'schedules.0.minReplicas'],
    ['a wrong cron expression', { schedules: [{ ...schedule, cron: '0 25 * * *' }] }, 'schedules.0.cron'],
    ['an unknown time zone', { schedules: [{ ...schedule, timeZone: 'Mars/Base' }] }, 'schedules.0.timeZone'],
  ])('names the field of %s', (_name, change, path) => {
    const parsed = scalingPolicy.safeParse({ ...buildPolicy(), ...change });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

function findCronProblem(cron: string): string | null {
  const parsed = scalingPolicy.safeParse(buildPolicy({ schedules: [{ ...schedule, cron }] }));
  return parsed.error?.issues[0]?.message ?? null;
}

describe('a cron expression', () => {
  it.each([
    '* * * * *',
    '*/15 * * * *',
    '0 8 * * 1-5',
    '  0   8 * * MON-fri ',
    '0,30 8-18/2 1,15 jan,JUL *',
    '0 0 29 2 *',
    '0 0 31 * *',
    // Comes on Mondays.
    '0 0 31 2 1',
    '59 23 31 12 7',
    '00 08 01 01 0',
  ])('may be %j', (cron) => {
    expect(findCronProblem(cron)).toBeNull();
  });

  it.each([
    ['', /five fields/],
    ['0 8 * *', /five fields/],
    ['0 0 8 * * *', /five fields/],
    ['@daily', /five fields/],
    ['60 * * * *', /wrong minute/],
    ['-1 * * * *', /wrong minute/],
    ['*/0 * * * *', /wrong minute/],
    ['*/60 * * * *', /wrong minute/],
    ['5/10 * * * *', /wrong minute/],
    ['1,,2 * * * *', /wrong minute/],
    ['1.5 * * * *', /wrong minute/],
    ['0x1 * * * *', /wrong minute/],
    ['0 24 * * *', /wrong hour/],
    ['0 18-8 * * *', /wrong hour/],
    ['0 0 0 * *', /wrong day of month/],
    ['0 0 L * *', /wrong day of month/],
    ['0 0 15W * *', /wrong day of month/],
    ['0 0 ? * *', /wrong day of month/],
    ['0 0 * 13 *', /wrong month/],
    ['0 0 * MON *', /wrong month/],
    ['0 0 * * 8', /wrong day of week/],
    ['0 0 * * 1-5/8', /wrong day of week/],
    ['0 0 * * MON#2', /wrong day of week/],
    ['0 0 * * FRI-SUN', /wrong day of week/],
    ['0 0 30 2 *', /never comes/],
    ['0 0 31 4,6,9,11 *', /never comes/],
    [`${'1,'.repeat(50)}1 * * * *`, /at most 100/],
  ])('is not %j', (cron, problem) => {
    expect(findCronProblem(cron)).toMatch(problem);
  });
});

describe('a time zone', () => {
  const isTimeZone = (timeZone: string): boolean =>
    scalingPolicy.safeParse(buildPolicy({ schedules: [{ ...schedule, timeZone }] })).success;

  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', ' Asia/Tokyo\n'])(
    'may be %j',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );
  it.each(['', 'Mars/Base', '+02:00', 'Europe/Berlin; x', '../etc/passwd', 'A'.repeat(65)])('is not %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
