import { describe, expect, it } from 'vitest';
import { chooseKeptSeries, MAX_SERIES_PER_NODE, type HeldReading } from './choose-kept-series.ts';
import { MAX_SERIES_PER_CONTAINER } from './custom-reading.ts';

function buildReading(
  containerId: string,
  count: number,
  { isFresh = true, prefix = 'n', left = 0 } = {},
): HeldReading {
  const series = Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index] as const);
  return { containerId, reading: { series, left }, isFresh };
}

describe('chooseKeptSeries', () => {
  it('keeps what is fresh', () => {
    const stale = buildReading('b', 3, { isFresh: false });
    expect(chooseKeptSeries([buildReading('a', 2), stale])).toEqual({
      fresh: [
        ['a', 'n0', 0],
        ['a', 'n1', 1],
      ],
      kept: 5,
      left: 0,
    });
  });

  it('keeps so many of a container, over all its endpoints', () => {
    const readings = [
      buildReading('a', 400, { left: 7 }),
      buildReading('a', 400, { prefix: 'm' }),
      buildReading('b', 1),
    ];
    const { fresh, kept, left } = chooseKeptSeries(readings);
    expect(kept).toBe(MAX_SERIES_PER_CONTAINER + 1);
    expect(fresh.at(-2)).toEqual(['a', 'm99', 99]);
    expect(left).toBe(300 + 7);
  });

  it('keeps the first of a name that two endpoints of a container tell, and both of two containers', () => {
    expect(chooseKeptSeries([buildReading('a', 1), buildReading('a', 1), buildReading('b', 1)])).toMatchObject({
      kept: 2,
      left: 1,
    });
  });

  it('keeps so many of a node, always the same: those that are not fresh have their place', () => {
    const full = (name: string, isFresh: boolean) => buildReading(name, MAX_SERIES_PER_CONTAINER, { isFresh });
    const readings = ['a', 'b', 'c', 'd'].map((name) => full(name, false));
    const { fresh, kept, left } = chooseKeptSeries([...readings, full('e', true)]);
    expect({ fresh, kept, left }).toEqual({ fresh: [], kept: MAX_SERIES_PER_NODE, left: MAX_SERIES_PER_CONTAINER });
    expect(chooseKeptSeries([...readings.slice(1), full('e', true)]).fresh).toHaveLength(MAX_SERIES_PER_CONTAINER);
  });
});
