import { describe, expect, it } from 'vitest';
import { domainName, readDomainName } from './domain-name.ts';

describe('readDomainName', () => {
  it.each([
    ['app.example.com', 'app.example.com'],
    ['  App.Example.COM.  ', 'app.example.com'],
    ['*.example.com', '*.example.com'],
    ['intranet', 'intranet'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['*.bücher.example', '*.xn--bcher-kva.example'],
    ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
    ['xn--e1afmkfd.xn--p1ai', 'xn--e1afmkfd.xn--p1ai'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['a--b.example.com', 'a--b.example.com'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('takes %j as %s', (typed, name) => {
    expect(readDomainName(typed)).toEqual({ ok: true, name });
  });

  it.each([
    [''],
    ['   '],
    ['a.com; return 200 x;'],
    ['a.com\nserver_name b.com'],
    ['../../x'],
    ['a/b.com'],
    ['a.com/'],
    ['a.com:80'],
    ['user@a.com'],
    ['a.com?x'],
    ['a.com#x'],
    ['a%2ecom.example'],
    ['$host'],
    ['a_b.example.com'],
    ['*'],
    ['*.com'],
    ['*.*.com'],
    ['a.*.com'],
    ['a*.example.com'],
    ['.example.com'],
    ['a..example.com'],
    ['-a.example.com'],
    ['a-.example.com'],
    ['127.0.0.1'],
    ['0x7f.1'],
    ['1'],
    ['[::1]'],
    ['xn--\u0000.example'],
    [`${'a'.repeat(64)}.example`],
    [`${'a.'.repeat(126)}ab`],
    ['a'.repeat(254)],
    [`*.${'a.'.repeat(125)}ab`],
  ])('refuses %j and says what is accepted', (typed) => {
    const reading = readDomainName(typed);
    expect(reading.ok).toBe(false);
    expect(reading).toHaveProperty('reason', expect.stringContaining('use a name such as app.example.com'));
  });

  it('is stable: a canonical name reads as itself', () => {
    for (const typed of ['пример.рф', '*.Example.com', 'straße.de']) {
      const once = domainName.parse(typed);
      expect(domainName.parse(once)).toBe(once);
    }
  });
});
