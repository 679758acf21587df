import { geoNaturalEarth1, geoPath } from 'd3-geo';
import codes from 'i18n-iso-countries/codes.json';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

export const MAP_WIDTH = 960;
export const MAP_HEIGHT = 480;
/** Nobody whose requests count is there, so it makes no room for itself. */
const ANTARCTICA = 'AQ';

export interface MapCountry {
  /** ISO 3166, two letters; empty for the few places that have no code. */
  readonly country: string;
  /** An outline in a picture of `MAP_WIDTH` by `MAP_HEIGHT`, as SVG has it. */
  readonly outline: string;
}

const letters = new Map(codes.map(([two = '', , numeric = '']) => [numeric, two]));

/** The countries of a map by Natural Earth (`world-atlas`), which has them by ISO's numbers. */
export function planWorldMap(atlas: Topology<{ countries: GeometryCollection }>): MapCountry[] {
  const { features } = feature(atlas, atlas.objects.countries);
  const shown = features
    .map((shape) => ({ shape, country: letters.get(String(shape.id ?? '')) ?? '' }))
    .filter(({ country }) => country !== ANTARCTICA);
  const all = { type: 'FeatureCollection' as const, features: shown.map(({ shape }) => shape) };
  const draw = geoPath(geoNaturalEarth1().fitSize([MAP_WIDTH, MAP_HEIGHT], all)).digits(1);
  return shown.map(({ shape, country }) => ({ country, outline: draw(shape) ?? '' }));
}

/** How strongly a country is painted, from 0 to 1: by its logarithm, so that one that sends very much does not hide the others. */
export function chooseShade(figure: number, largest: number): number {
  return figure <= 0 ? 0 : 0.25 + (0.75 * Math.log1p(figure)) / Math.log1p(largest);
}
