import { describe, expect, it } from 'vitest';
import { block, commented, directive, UnsafeValueError } from './directive.ts';
import { formatDirectives } from './format-directives.ts';
import { meaningOf, readBack } from './testing/read-back.ts';

const hostile = [
  'a.com; return 200 x;',
  'a.com} server { listen 1; }',
  '../../x',
  'say "hi"',
  "it's",
  '\\',
  'ends with \\',
  '\\"; return 200 "',
  'a\\nb',
  '# no comment',
  '${host}',
  '$host',
  '',
  ' ',
  'пример',
  '{',
  '}',
  ';',
];

describe('formatDirectives', () => {
  it.each(hostile)('keeps %j one argument', (value) => {
    const meant = [
      directive('add_header', 'X-A', value, 'always'),
      block('location', [value], [directive('return', 204)]),
    ];
    expect(readBack(formatDirectives(meant))).toEqual(meaningOf(meant));
  });

  it('leaves plain words bare and indents blocks', () => {
    const text = formatDirectives([
      commented(
        'Shop',
        block('server', [], [directive('listen', '[::]:80'), directive('server_name', '*.a.com', '_')]),
      ),
    ]);
    expect(text).toBe('# Shop\nserver {\n  listen [::]:80;\n  server_name *.a.com _;\n}\n');
  });
});

describe('directive', () => {
  it.each(['a\nb', 'a\rb', 'a\u0000b', 'a\tb', 'a\u007fb', 'a\u0085b', 'a\u2028b', '\ud800'])('refuses %j', (value) => {
    expect(() => directive('add_header', 'X-A', value)).toThrow(UnsafeValueError);
    expect(() => directive(value)).toThrow(UnsafeValueError);
    expect(() => commented(value, directive('internal'))).toThrow(UnsafeValueError);
  });
});
