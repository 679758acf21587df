import { seriesName } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { seedRandom } from '../../testing/seed-random.ts';
import { MAX_SERIES_PER_CONTAINER } from './custom-reading.ts';
import { parseAnswer } from './parse-answer.ts';

const MEBIBYTE = 2 ** 20;

describe('parseAnswer', () => {
  it.each([
    ['application/json', '{"a":1}'],
    ['application/json; charset=utf-8', '{"a":1}'],
    ['Application/Health+JSON', '{"a":1}'],
    ['text/plain; version=0.0.4', 'a 1'],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'a 1\n# EOF\n'],
    ['', 'a 1'],
    ['text/plain', '\n {"a":1}'],
  ])('reads %j', (type, text) => {
    expect(parseAnswer(text, type)).toEqual({ ok: true, reading: { series: [['a', 1]], left: 0 } });
  });

  it.each(['text/html', 'application/octet-stream', 'image/png', 'application/jsonp', 'application/vnd.x; a=json'])(
    'refuses %s',
    (type) => {
      const parsed = parseAnswer('{"a":1}', type);
      expect(parsed).toMatchObject({ ok: false, reason: expect.stringContaining('neither JSON nor') });
    },
  );

  it('names a type that has no end by its beginning', () => {
    const parsed = parseAnswer('', `x/${'y'.repeat(10_000)}`);
    expect(parsed.ok ? '' : parsed.reason.length).toBeLessThan(200);
  });
});

/** Whole numbers that are the same in each run. */
function createRandom(seed: number): (below: number) => number {
  const random = seedRandom(seed);
  return (below) => Math.floor(random() * below);
}

const PIECES = [
  ...Array.from('{}[]",:=\\\n\r\t #.eE+-_0129abz/\u0000\u007fé💥'),
  '__proto__',
  'host.',
  '"a":',
  '{"b":{',
  'name{l="v"} 1\n',
  'x_bucket{le="1"} ',
  ' NaN\n',
  '1e999',
  'true',
];

describe('whatever an application answers', () => {
  it.each([
    ['application/json', '{'],
    ['text/plain', ''],
  ])('as %s, series are within the contract', (type, begin) => {
    for (let seed = 0; seed < 3000; seed += 1) {
      const random = createRandom(seed);
      const text = begin + Array.from({ length: random(120) }, () => PIECES[random(PIECES.length)]).join('');
      const parsed = parseAnswer(text, type);
      if (!parsed.ok) continue;
      const { series, left } = parsed.reading;
      const names = series.map(([name]) => name);
      expect(series.length).toBeLessThanOrEqual(MAX_SERIES_PER_CONTAINER);
      expect(new Set(names).size).toBe(names.length);
      expect(left).toBeGreaterThanOrEqual(0);
      for (const [name, value] of series) {
        expect(seriesName.safeParse(name).success, JSON.stringify([text, name])).toBe(true);
        expect(name.startsWith('host.')).toBe(false);
        expect(Number.isFinite(value)).toBe(true);
      }
    }
  });

  it('of JSON that a value was made into, every figure comes back', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const random = createRandom(seed);
      const expected: [string, number][] = [];
      const build = (prefix: string, depth: number): Record<string, unknown> =>
        Object.fromEntries(
          Array.from({ length: 1 + random(4) }, (_, index) => {
            const key = `k${index}`;
            if (depth < 8 && random(3) === 0) return [key, build(`${prefix}${key}.`, depth + 1)];
            const value = random(1000) / 8 - 50;
            expected.push([prefix + key, value]);
            return [key, value];
          }),
        );
      const parsed = parseAnswer(JSON.stringify(build('', 1)), 'application/json');
      expect(parsed).toEqual({ ok: true, reading: { series: expected, left: 0 } });
    }
  });

  /** What makes careless parsers slow: each 1 MiB. */
  const HOSTILE: readonly (readonly [what: string, type: string, unit: string, begin: string])[] = [
    ['objects without end', 'application/json', '{"a":', ''],
    ['lists without end', 'application/json', '[', '{"a":'],
    ['one long name', 'application/json', 'x', '{"'],
    ['very many names', 'application/json', '"a":1,', '{'],
    ['one long line', 'text/plain', 'a', ''],
    ['quotes', 'text/plain', '"', 'a{b="'],
    ['backslashes', 'text/plain', '\\', 'a{b="'],
    ['labels', 'text/plain', 'a="b",', 'a{'],
    ['empty lines', 'text/plain', '\n', ''],
    ['short lines', 'text/plain', 'a\n', ''],
    ['samples', 'text/plain', 'a 1\n', ''],
    ['lines as long as they may be', 'text/plain', `a{${'b="",'.repeat(800)}\n`, ''],
    ['digits', 'text/plain', '1', 'a '],
    ['blanks', 'text/plain', ' ', ''],
    ['blanks before a value', 'text/plain', '\t', 'a'],
  ];

  it.each(HOSTILE)('reads %s in linear time', (_, type, unit, begin) => {
    const fill = (length: number) => begin + unit.repeat(Math.ceil(length / unit.length));
    const measure = (text: string): number => {
      const startedAt = performance.now();
      parseAnswer(text, type);
      return performance.now() - startedAt;
    };
    const whole = fill(MEBIBYTE);
    measure(fill(MEBIBYTE / 8));
    // A quadratic one would take minutes; the machine may be busy.
    expect(Math.min(measure(whole), measure(whole))).toBeLessThan(1000);
  });
});
