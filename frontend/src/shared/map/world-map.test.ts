import { describe, expect, it } from 'vitest';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/countries-110m.json';
import { chooseShade, planWorldMap } from './plan-world-map.ts';

describe('the map', () => {
  const countries = planWorldMap(atlas as unknown as Topology<{ countries: GeometryCollection }>);

  it('has each country once, by its two letters, and draws it', () => {
    const named = countries.filter(({ country }) => country !== '').map(({ country }) => country);
    expect(named).toEqual(expect.arrayContaining(['DE', 'RU', 'US', 'BR', 'ZA', 'AU', 'NL']));
    expect(named.length).toBeGreaterThan(165);
    expect(new Set(named).size).toBe(named.length);
    expect(countries.filter(({ outline }) => !/^M[\d.,-]+L/.test(outline))).toEqual([]);
    expect(named).not.toContain('AQ');
  });

  it('leaves few places without a code', () => {
    expect(countries.filter(({ country }) => country === '').length).toBeLessThan(5);
  });
});

describe('a shade', () => {
  it.each([
    [0, 100, 0],
    [100, 100, 1],
    [1, 1, 1],
  ])('of %d of %d is %d', (figure, largest, shade) => {
    expect(chooseShade(figure, largest)).toBeCloseTo(shade);
  });

  it('is seen for little beside very much, and grows', () => {
    const shades = [1, 10, 1000, 1_000_000].map((figure) => chooseShade(figure, 1_000_000));
    expect(shades[0]).toBeGreaterThan(0.25);
    expect(shades).toEqual(shades.toSorted((left, right) => left - right));
  });
});
