import { expect, it } from 'vitest';
import { listChanges } from './list-changes.ts';

it.each([
  ['nothing', { a: 1 }, { a: 1 }, []],
  ['a value', { target: { port: 1 } }, { target: { port: 2 } }, [{ field: 'target.port', before: '1', after: '2' }]],
  ['all of what is new', null, { name: 'shop' }, [{ field: 'name', before: null, after: 'shop' }]],
  ['all of what is gone', { name: 'shop' }, null, [{ field: 'name', before: 'shop', after: null }]],
  ['a list', { domains: ['a'] }, { domains: ['a', 'b'] }, [{ field: 'domains', before: '["a"]', after: '["a","b"]' }]],
])('lists %s', (_, before, after, expected) => expect(listChanges(before, after)).toEqual(expected));
