import { describe, expect, it } from 'vitest';
import { formatDomain } from './format-domain.ts';

describe('a domain as people read it', () => {
  it.each([
    ['app.example.com', 'app.example.com'],
    ['xn--e1afmkfd.xn--p1ai', 'пример.рф'],
    ['*.xn--80aairftm.xn--p1ai', '*.магазин.рф'],
    ['xn--mnchen-3ya.example', 'münchen.example'],
    // Looks like punycode and is none: it is a legal host name all the same.
    ['xn--0.example', 'xn--0.example'],
  ])('%s is %s', (name, shown) => {
    expect(formatDomain(name)).toBe(shown);
  });
});
