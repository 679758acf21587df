import { describe, expect, it } from 'vitest';
import { MAX_SERIES_PER_CONTAINER } from './custom-reading.ts';
import { parseJsonMetrics } from './parse-json-metrics.ts';

function read(text: string) {
  const parsed = parseJsonMetrics(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.reading;
}

/** Objects within objects, each named `a`, around a figure. */
function nest(depth: number): string {
  return '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
}

describe('parseJsonMetrics', () => {
  it.each([
    ['nothing', '{}', [], 0],
    [
      'numbers as they are',
      '{"a":-1.5e3,"b":0}',
      [
        ['a', -1500],
        ['b', 0],
      ],
      0,
    ],
    [
      'dotted names',
      '{"queue":{"mail":{"length":3}},"up":1}',
      [
        ['queue.mail.length', 3],
        ['up', 1],
      ],
      0,
    ],
    [
      'truth as 1 and 0',
      '{"up":true,"down":false}',
      [
        ['up', 1],
        ['down', 0],
      ],
      0,
    ],
    ['no texts, nulls and lists', '{"a":"1","b":null,"c":[1,{"d":2}],"e":5}', [['e', 5]], 0],
    ['nothing infinite', '{"a":1e999,"b":-1e999,"c":1}', [['c', 1]], 0],
    [
      'nothing of the prototype',
      '{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}},"toString":3}',
      [
        ['__proto__.a', 1],
        ['constructor.prototype.b', 2],
        ['toString', 3],
      ],
      0,
    ],
    [
      'names that are none by themselves',
      '{"":1,"2xx":2,"host":{"cpu":3},"é":4}',
      [
        ['_', 1],
        ['_2xx', 2],
        ['_host.cpu', 3],
        ['_\\u00e9', 4],
      ],
      0,
    ],
    ['the first of a name that comes twice', '{"a.b":1,"a":{"b":2}}', [['a.b', 1]], 1],
    [
      'nothing below a name that is too long',
      JSON.stringify({ ['x'.repeat(201)]: { a: 1, b: 2 }, c: 3 }),
      [['c', 3]],
      1,
    ],
    ['objects up to a depth', nest(10), [[Array(10).fill('a').join('.'), 1]], 0],
    ['nothing deeper', nest(11), [], 1],
    [
      'brackets in texts as texts',
      JSON.stringify({ a: '"[{\\'.repeat(200), ['x"'.repeat(120)]: '[', b: 2 }),
      [['b', 2]],
      0,
    ],
  ] as const)('reads %s', (_, text, series, left) => expect(read(text)).toEqual({ series, left }));

  it.each([
    ['', 'the answer is not JSON'],
    ['{"a":1', 'the answer is not JSON'],
    ['{"a":NaN}', 'the answer is not JSON'],
    ['[1]', 'the answer’s JSON is not an object'],
    ['1', 'the answer’s JSON is not an object'],
    ['null', 'the answer’s JSON is not an object'],
    [`{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'the answer is nested deeper than 100'],
    [`{"a\\"":${'{"b":'.repeat(100)}`, 'the answer is nested deeper than 100'],
  ])('refuses %j', (text, reason) => expect(parseJsonMetrics(text)).toEqual({ ok: false, reason }));

  it('keeps the first series of very many, and counts the others', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, index]));
    const { series, left } = read(JSON.stringify(many));
    expect(series).toHaveLength(MAX_SERIES_PER_CONTAINER);
    expect(series.at(-1)).toEqual(['n499', 499]);
    expect(left).toBe(20_000 - MAX_SERIES_PER_CONTAINER);
  });

  it('leaves no trace in what all objects have', () => {
    read('{"__proto__":{"polluted":1}}');
    expect('polluted' in {}).toBe(false);
  });
});
