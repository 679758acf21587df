import { describe, expect, it } from 'vitest';
import { formatChanges, formatValue } from './format-change.ts';

describe('formatChanges', () => {
  it.each([
    ['nothing changed', { a: 1, b: { c: [1] } }, { a: 1, b: { c: [1] } }, []],
    ['a nested field', { target: { port: 1 } }, { target: { port: 2 } }, [['target.port', '1', '2']]],
    ['a list as a whole', { domains: ['a'] }, { domains: ['a', 'b'] }, [['domains', 'a', 'a, b']]],
    ['a thing that is new', null, { name: 'web' }, [['name', '—', 'web']]],
    ['a thing that is gone', { name: 'web' }, null, [['name', 'web', '—']]],
    [
      'a record in place of a value',
      { tls: 'off' },
      { tls: { mode: 'off' } },
      [['tls', 'off', '{\n  "mode": "off"\n}']],
    ],
    [
      'zero and false are values',
      { a: null },
      { a: 0, b: false },
      [
        ['a', '—', '0'],
        ['b', '—', 'false'],
      ],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(formatChanges(before, after).map((change) => Object.values(change))).toEqual(expected);
  });
});

describe('formatValue', () => {
  it('shows what is absent as a dash', () => {
    expect([undefined, null, '', []].map(formatValue)).toEqual(['—', '—', '—', '—']);
  });
});
