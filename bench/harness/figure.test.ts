import { describe, expect, it } from 'vitest';
import { buildFigure, formatTable, median, percentile } from './figure.ts';

describe('percentile', () => {
  it.each([
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
    [[7], 0.99, 7],
  ])('of %j at %d is %d', (samples, share, expected) => expect(percentile(samples, share)).toBe(expected));

  it('refuses to speak of nothing', () => expect(() => median([])).toThrow('no samples'));
});

describe('buildFigure', () => {
  const target = { words: 'ratio ≥ 0.5', holds: (_: number, ratio: number) => ratio >= 0.5 };
  it.each([
    [60, true],
    [49, false],
  ])('of %d to a baseline of 100 passes: %s', (value, pass) => {
    const figure = buildFigure({ figure: 'x', value, unit: '/s', baseline: 100 }, target);
    expect(figure.pass).toBe(pass);
    expect(formatTable([figure])).toContain(pass ? 'ok' : 'MISSED');
  });
});
