import { expect, it } from 'vitest';
import { planSettingsDiff } from './plan-settings-diff.ts';

it.each([
  ['nothing', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
  [
    'a value',
    { target: { host: 'a', port: 1 } },
    { target: { host: 'a', port: 2 } },
    [{ field: 'target.port', before: 1, after: 2 }],
  ],
  ['an added field', {}, { a: 1 }, [{ field: 'a', after: 1 }]],
  ['a removed field', { a: 1 }, {}, [{ field: 'a', before: 1 }]],
  ['a list', { domains: ['a', 'b'] }, { domains: ['b'] }, [{ field: 'domains', before: ['a', 'b'], after: ['b'] }]],
  [
    'null and a value',
    { redirect: null },
    { redirect: { to: 'x' } },
    [{ field: 'redirect', before: null, after: { to: 'x' } }],
  ],
])('finds %s', (_, before, after, expected) => expect(planSettingsDiff(before, after)).toEqual(expected));
