import { describe, expect, it } from 'vitest';
import { defaultMetricRetention } from './metric-levels.ts';
import { planMetricSegments, type MetricRangeQuery, type MetricStoreState } from './plan-metric-segments.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const now = new Date('2026-11-23T08:07:31.500Z');
const currentMinuteMs = Date.parse('2026-11-23T08:07:00Z');

/** A fleet that lives: the current minute's mark is there, and those of the buckets around it. */
const live: MetricStoreState = {
  now,
  retention: defaultMetricRetention,
  oldestDueMs: {
    '1m': currentMinuteMs,
    '15m': Date.parse('2026-11-23T08:00:00Z'),
    '6h': Date.parse('2026-11-23T06:00:00Z'),
  },
};

function plan(lengthMs: number, change: Partial<MetricRangeQuery> = {}, state = live) {
  const query = {
    from: new Date(now.getTime() - lengthMs),
    to: now,
    stepMs: 'auto',
    maxPoints: 500,
    ...change,
  } as const;
  return planMetricSegments(query, state, 10 * SECOND_MS);
}

describe('planMetricSegments', () => {
  it.each([
    ['5 minutes', 5 * MINUTE_MS, 10 * SECOND_MS, 'raw', ['raw']],
    ['1 hour', HOUR_MS, 10 * SECOND_MS, 'raw', ['raw']],
    ['6 hours', 6 * HOUR_MS, MINUTE_MS, '1m', ['1m', 'raw']],
    ['a day', DAY_MS, 3 * MINUTE_MS, '1m', ['1m', 'raw']],
    ['a week', 7 * DAY_MS, 30 * MINUTE_MS, '15m', ['15m', '1m', 'raw']],
    ['30 days', 30 * DAY_MS, 2 * HOUR_MS, '15m', ['15m', '1m', 'raw']],
    ['180 days', 180 * DAY_MS, 12 * HOUR_MS, '6h', ['6h', '15m', '1m', 'raw']],
    ['2 years', 730 * DAY_MS, 2 * DAY_MS, '6h', ['6h', '15m', '1m', 'raw']],
    ['20 years', 7300 * DAY_MS, 21 * DAY_MS, '6h', ['6h', '15m', '1m', 'raw']],
  ] as const)('%s', (_name, lengthMs, stepMs, resolution, levels) => {
    const found = plan(lengthMs);
    expect(found).toMatchObject({ stepMs, resolution });
    expect(found.segments.map(({ level }) => level.name)).toEqual(levels);
  });

  it('covers any range on the grid, without holes or overlap, with no more points than asked for', () => {
    for (let lengthMs = 1; lengthMs < 900 * DAY_MS; lengthMs = Math.ceil(lengthMs * 1.37)) {
      for (const maxPoints of [1, 2, 60, 500]) {
        for (const stepMs of ['auto', 1000, 7000, 100 * MINUTE_MS] as const) {
          const from = new Date(now.getTime() - lengthMs);
          const found = plan(lengthMs, { maxPoints, stepMs });
          expect(found.fromMs).toBeLessThanOrEqual(from.getTime());
          expect(found.toMs).toBeGreaterThanOrEqual(now.getTime());
          expect([found.fromMs % found.stepMs, found.toMs % found.stepMs]).toEqual([0, 0]);
          // One point cannot hold a range across the boundary of two steps, however long they are.
          expect(found.points).toBeLessThanOrEqual(Math.max(2, maxPoints));
          expect(found.segments[0]?.fromMs).toBe(found.fromMs);
          expect(found.segments.at(-1)?.toMs).toBe(found.toMs);
          for (const [index, { fromMs, toMs, level }] of found.segments.entries()) {
            expect(toMs).toBeGreaterThan(fromMs);
            expect(fromMs).toBe(found.segments[index - 1]?.toMs ?? found.fromMs);
            const gridMs = Math.max(1, level.resolutionMs);
            expect([fromMs % gridMs, found.stepMs % gridMs]).toEqual([0, 0]);
          }
        }
      }
    }
  });

  it('takes each bucket from the level that is up to date there', () => {
    expect(plan(30 * DAY_MS).segments.slice(1)).toMatchObject([
      { level: { name: '1m' }, fromMs: Date.parse('2026-11-23T08:00:00Z'), toMs: currentMinuteMs },
      { level: { name: 'raw' }, fromMs: currentMinuteMs, toMs: Date.parse('2026-11-23T10:00:00Z') },
    ]);
  });

  it('takes a coarser rollup for behind wherever a finer one is, though it has no mark of its own yet', () => {
    const dueMs = now.getTime() - 5 * HOUR_MS;
    const [first] = plan(30 * DAY_MS, {}, { ...live, oldestDueMs: { '1m': dueMs } }).segments;
    expect(first).toMatchObject({
      level: { name: '15m' },
      toMs: Math.floor(dueMs / (15 * MINUTE_MS)) * 15 * MINUTE_MS,
    });
  });

  it('reads only the rollup when nothing is behind, as with TimescaleDB', () => {
    const { segments } = plan(30 * DAY_MS, {}, { ...live, oldestDueMs: {} });
    expect(segments.map(({ level }) => level.name)).toEqual(['15m']);
  });

  it.each([
    ['samples of 8 days ago', 8, 10 * SECOND_MS, MINUTE_MS, '1m'],
    ['minutes of 31 days ago', 31, MINUTE_MS, 15 * MINUTE_MS, '15m'],
    ['samples of 200 days ago', 200, 10 * SECOND_MS, 6 * HOUR_MS, '6h'],
    ['what nobody keeps', 900, 10 * SECOND_MS, 6 * HOUR_MS, '6h'],
  ] as const)(
    'takes longer steps where a level is not kept any more: %s',
    (_name, daysAgo, askedMs, stepMs, resolution) => {
      const from = new Date(now.getTime() - daysAgo * DAY_MS);
      const found = plan(0, { from, to: new Date(from.getTime() + 30 * MINUTE_MS), stepMs: askedMs });
      expect(found).toMatchObject({ stepMs, resolution });
    },
  );

  it('takes the step that was asked for, or the next nice one', () => {
    expect(plan(HOUR_MS, { stepMs: 7 * MINUTE_MS }).stepMs).toBe(10 * MINUTE_MS);
    expect(plan(5 * MINUTE_MS, { stepMs: SECOND_MS }).stepMs).toBe(SECOND_MS);
    expect(plan(30 * DAY_MS, { stepMs: SECOND_MS }).stepMs).toBe(2 * HOUR_MS);
  });

  it('refuses a range that ends before it begins', () => {
    expect(() => plan(0)).toThrow(RangeError);
    expect(() => plan(-5)).toThrow(RangeError);
    expect(() => plan(Number.NaN)).toThrow(RangeError);
  });
});
