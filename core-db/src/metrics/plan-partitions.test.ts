import { describe, expect, it } from 'vitest';
import { defaultMetricRetention, findRetentionProblems, metricLevels, type MetricRetention } from './metric-levels.ts';
import { planPartitions } from './plan-partitions.ts';

const DAY_MS = 86_400_000;
const levelOf = (name: string) => metricLevels.find((level) => level.name === name) ?? metricLevels[0];

function plan(level: string, now: string, existing: readonly string[] = [], retention = defaultMetricRetention) {
  const found = levelOf(level);
  if (found === undefined) throw new Error(`no level ${level}`);
  return planPartitions(`t${found.suffix}`, found, existing, retention, new Date(now));
}

describe('planPartitions', () => {
  it.each([
    ['a leap day', '2028-02-29T12:00:00Z', 't_p20280222', 't_p20280302'],
    ['the last day of a year', '2026-12-31T23:59:59.999Z', 't_p20261224', 't_p20270102'],
    ['the day when clocks go forward in Europe', '2026-03-29T01:30:00Z', 't_p20260322', 't_p20260331'],
    ['the day when clocks go back', '2026-10-25T01:30:00Z', 't_p20261018', 't_p20261027'],
  ])('makes days from the raw retention to two days ahead: %s', (_name, now, first, last) => {
    const { create, drop } = plan('raw', now);
    expect(create.map(({ name }) => name)).toEqual(expect.arrayContaining([first, last]));
    expect(create).toHaveLength(10);
    expect(create.at(0)?.name).toBe(first);
    expect(create.at(-1)?.name).toBe(last);
    expect(drop).toEqual([]);
  });

  it.each(metricLevels.map(({ name, partitionMs }) => [name, partitionMs] as const))(
    'makes partitions of %s that follow each other without holes, all of the same length',
    (level, partitionMs) => {
      for (let day = 0; day < 800; day += 13) {
        const now = Date.UTC(2027, 0, 1) + day * DAY_MS + 5000;
        const { create } = plan(level, new Date(now).toISOString());
        for (const [index, { fromMs, toMs }] of create.entries()) {
          expect(toMs - fromMs).toBe(partitionMs);
          expect(fromMs % partitionMs).toBe(0);
          expect(fromMs).toBe(create[index - 1]?.toMs ?? fromMs);
        }
        expect(create.at(0)?.fromMs).toBeLessThanOrEqual(now - defaultMetricRetention.raw);
        expect(create.at(-1)?.toMs).toBeGreaterThan(now + 2 * DAY_MS);
      }
    },
  );

  it('makes what is missing only', () => {
    const { create } = plan('raw', '2026-11-23T08:00:00Z', ['t_p20261123', 't_p20261124']);
    expect(create.map(({ name }) => name)).not.toContain('t_p20261123');
    expect(create).toHaveLength(8);
  });

  it('drops a partition an hour after its last row is past its retention', () => {
    const existing = ['t_p20261115', 't_p20261116'];
    const dropAt = (now: string) => plan('raw', now, existing).drop.map(({ name }) => name);
    expect(dropAt('2026-11-23T00:59:59Z')).toEqual([]);
    expect(dropAt('2026-11-23T01:00:01Z')).toEqual(['t_p20261115']);
    expect(dropAt('2026-11-24T01:00:01Z')).toEqual(existing);
  });

  it('leaves partitions alone that it has not named', () => {
    expect(plan('raw', '2026-11-23T08:00:00Z', ['t_archive', 't_1m_p20200101', 'other_p20200101']).drop).toEqual([]);
  });

  it('has no bucket that lies in two partitions', () => {
    for (const { partitionMs } of metricLevels) {
      for (const { resolutionMs } of metricLevels.slice(1)) expect(partitionMs % resolutionMs).toBe(0);
    }
  });
});

describe('findRetentionProblems', () => {
  it.each<[string, Partial<MetricRetention>, RegExp]>([
    ['the default', {}, /^$/],
    ['all alike', { raw: DAY_MS, '1m': DAY_MS, '15m': DAY_MS, '6h': DAY_MS }, /^$/],
    ['a coarser level kept shorter', { '1m': 3 * DAY_MS }, /1m must be kept at least as long as raw/],
    ['two of them', { '15m': DAY_MS, '6h': DAY_MS }, /15m must be kept at least as long as 1m/],
    ['too little', { raw: 3_600_000 }, /at least a day/],
    ['not a number', { '6h': Number.NaN }, /6h is not a whole number/],
  ])('%s', (_name, change, expected) => {
    const problems = findRetentionProblems({ ...defaultMetricRetention, ...change }).join('; ');
    expect(problems).toMatch(expected);
  });
});
