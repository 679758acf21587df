import { expect, it } from 'vitest';
import { parseIfMatch } from './parse-if-match.ts';

it.each([
  [undefined, { kind: 'any' }],
  ['*', { kind: 'any' }],
  ['"7"', { kind: 'revision', revision: 7 }],
  ['W/"7"', { kind: 'revision', revision: 7 }],
  ['7', { kind: 'revision', revision: 7 }],
  ['"0"', null],
  ['"seven"', null],
  ['"7", "8"', null],
  ['', null],
])('reads %j', (header, expected) => expect(parseIfMatch(header)).toEqual(expected));
