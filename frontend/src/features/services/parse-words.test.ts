import { describe, expect, it } from 'vitest';
import { formatWords } from './format-words.ts';
import { parseWords } from './parse-words.ts';

describe('parseWords', () => {
  it.each<[string, string[] | null]>([
    ['', []],
    ['  ', []],
    ['nginx', ['nginx']],
    [' node  server.js\n--port 80 ', ['node', 'server.js', '--port', '80']],
    ['nginx -g "daemon off;"', ['nginx', '-g', 'daemon off;']],
    [`sh -c 'echo "$HOME"'`, ['sh', '-c', 'echo "$HOME"']],
    [String.raw`a\ b "c\"d" 'e\f'`, ['a b', 'c"d', String.raw`e\f`]],
    ['--name="two words"', ['--name=two words']],
    [`"" ''`, ['', '']],
    ['"first\nsecond"', ['first\nsecond']],
    ['"open', null],
    ["it's", null],
    ['end\\', null],
  ])('%j is %j', (text, words) => {
    expect(parseWords(text)).toEqual(words);
  });
});

describe('formatWords', () => {
  it.each([
    [['node', 'server.js'], 'node server.js'],
    [['sh', '-c', 'echo "a" > b'], String.raw`sh -c "echo \"a\" > b"`],
    [[''], '""'],
  ])('writes %j as %s', (words, text) => {
    expect(formatWords(words)).toBe(text);
  });

  it.each([[['a b', "it's", '', 'back\\slash', 'two\nlines', 'tab\there', '"']], [['üñí', '$HOME', '`x`', '*']]])(
    'writes what is read as the same words: %j',
    (words) => {
      expect(parseWords(formatWords(words))).toEqual(words);
    },
  );
});
