import { describe, expect, it } from 'vitest';
import { decideTimeRange, type TimeRangeQuery } from './decide-time-range.ts';

const now = new Date('2026-03-29T12:00:00Z');
const decide = (query: Partial<TimeRangeQuery>) => decideTimeRange({ step: 'auto', ...query }, now);

describe('decideTimeRange', () => {
  it.each<[string, Partial<TimeRangeQuery>, string, string]>([
    ['the last hour by default', {}, '2026-03-29T11:00:00.000Z', '2026-03-29T12:00:00.000Z'],
    ['a named range', { range: '24h' }, '2026-03-28T12:00:00.000Z', '2026-03-29T12:00:00.000Z'],
    ['from until now', { from: '2026-03-29T10:00:00Z' }, '2026-03-29T10:00:00.000Z', '2026-03-29T12:00:00.000Z'],
    [
      'times with offsets',
      { from: '2026-03-29T01:00:00+01:00', to: '2026-03-29T03:00:00+02:00' },
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'an end in the future, as a chart may have one',
      { from: '2026-03-29T10:00:00Z', to: '2026-03-29T14:00:00Z' },
      '2026-03-29T10:00:00.000Z',
      '2026-03-29T14:00:00.000Z',
    ],
  ])('takes %s', (_, query, from, to) => {
    const decision = decide(query);
    expect(decision).toMatchObject({ ok: true, range: { from: new Date(from), to: new Date(to), stepMs: 'auto' } });
  });

  it.each<[string, Partial<TimeRangeQuery>, string, RegExp]>([
    ['both kinds', { range: '1h', from: '2026-03-29T10:00:00Z' }, 'range', /either/],
    ['an end without a beginning', { to: '2026-03-29T10:00:00Z' }, 'from', /is missing/],
    ['a beginning in the future', { from: '2026-03-29T12:00:00Z', to: '2026-03-29T13:00:00Z' }, 'from', /future/],
    ['an empty range', { from: '2026-03-29T10:00:00Z', to: '2026-03-29T10:00:00Z' }, 'to', /not after/],
    ['a reversed range', { from: '2026-03-29T11:00:00Z', to: '2026-03-29T10:00:00Z' }, 'to', /not after/],
    ['more than two years', { from: '2024-01-01T00:00:00Z' }, 'from', /two years/],
    ['a step that is too short', { range: '1h', step: 1000 }, 'step', /at least 7215$/],
  ])('refuses %s', (_, query, field, message) => {
    expect(decide(query)).toEqual({ ok: false, problem: { field, message: expect.stringMatching(message) as string } });
  });

  it('takes the shortest step that it recommends', () => {
    expect(decide({ range: '1h', step: 7215 }).ok).toBe(true);
  });
});
