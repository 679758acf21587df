import { describe, expect, it } from 'vitest';
import { chooseHistoryStep, planScalingHistory, type HistoryPoint } from './plan-scaling-history.ts';

const from = new Date('2026-01-01T00:00:00Z');
const after = (ms: number): Date => new Date(from.getTime() + ms);
const grid = { from, to: after(60_000) };

function buildPoint(ms: number, change: Partial<HistoryPoint> = {}): HistoryPoint {
  return { at: after(ms), wanted: 2, ready: 1, targets: [], ...change };
}
const cpu = (current: number | null, target = 0.5) =>
  ({ metric: { kind: 'cpu' }, kind: 'value', target, current, desired: 2, missing: 0 }) as const;

describe('chooseHistoryStep', () => {
  it.each([
    ['a minute', 60_000, 15_000],
    ['two hours', 7_200_000, 15_000],
    ['a week', 7 * 86_400_000, 1_209_600],
  ])('gives %s at most 500 points', (_, lengthMs, stepMs) => {
    expect(chooseHistoryStep({ from, to: after(lengthMs) })).toBe(stepMs);
  });
});

describe('planScalingHistory', () => {
  it('has a time for each step, and null where nothing was told', () => {
    const history = planScalingHistory(
      [buildPoint(16_000, { targets: [cpu(0.7)] }), buildPoint(74_999, { ready: null, targets: [cpu(null)] })],
      { from, to: after(75_000) },
      15_000,
    );
    expect(history).toEqual({
      times: [0, 15_000, 30_000, 45_000, 60_000].map((ms) => from.getTime() + ms),
      wanted: [null, 2, 2, null, 2],
      ready: [null, 1, 1, null, null],
      targets: [{ metric: { kind: 'cpu' }, target: 0.5, values: [null, 0.7, 0.7, null, null] }],
    });
  });

  it('has no gap where points come a little late, as samples do', () => {
    const points = Array.from({ length: 20 }, (_, index) => buildPoint(index * 20_100));
    const { wanted } = planScalingHistory(points, { from, to: after(20 * 20_100) }, 15_000);
    expect(wanted.every((count) => count === 2)).toBe(true);
  });

  it('has a line of its own for each value that was compared with', () => {
    const points = [buildPoint(0, { targets: [cpu(0.1)] }), buildPoint(15_000, { targets: [cpu(0.2, 0.8)] })];
    expect(planScalingHistory(points, grid, 15_000).targets).toMatchObject([
      { target: 0.5, values: [0.1, null, null, null] },
      { target: 0.8, values: [null, 0.2, 0.2, null] },
    ]);
  });

  it('leaves out what lies outside', () => {
    expect(planScalingHistory([buildPoint(-1), buildPoint(60_000)], grid, 15_000).wanted).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
