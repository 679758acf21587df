import { expect, it } from 'vitest';
import { storableJson, storableText } from './storable-text.ts';

it.each([
  ['plain', 'plain'],
  ['a\0b', 'ab'],
  ['half \ud800 a pair', 'half \ufffd a pair'],
  ['a whole \u{1f600}', 'a whole \u{1f600}'],
  [String.raw`a literal \u0000`, String.raw`a literal \u0000`],
])('stores %j as %j', (text, stored) => {
  expect(storableText(text)).toBe(stored);
  expect(JSON.parse(storableJson({ list: [text], count: 1, none: null }))).toEqual({
    list: [stored],
    count: 1,
    none: null,
  });
});
