import { describe, expect, it } from 'vitest';
import { headerSetting } from './http-header.ts';
import { redirectUrl, urlPath } from './url-path.ts';

describe('urlPath', () => {
  it.each(['/', '/api', '/api/', '/a-b_c.~d/e@f', '/.well-known/x'])('takes %s', (path) => {
    expect(urlPath.parse(path)).toBe(path);
  });
  it.each([
    '',
    'api',
    '/a b',
    '/a;b',
    '/a{',
    '/a"b',
    '/$uri',
    '/a/../b',
    '/a/./b',
    '//a',
    '/a%2e',
    '/a?b',
    '/a\nb',
    `/${'a'.repeat(600)}`,
  ])('refuses %j', (path) => expect(urlPath.safeParse(path).success).toBe(false));
});

describe('redirectUrl', () => {
  it.each([
    ['https://www.example.com', 'https://www.example.com/'],
    ['http://example.com/a?b=c', 'http://example.com/a?b=c'],
  ])('reads %s as %s', (typed, url) => expect(redirectUrl.parse(typed)).toBe(url));

  it.each([
    'example.com',
    'javascript:alert(1)',
    'https://user:pw@example.com',
    'https://$host/',
    'https://a.example/;x',
    '',
    '//x',
  ])('refuses %j', (typed) => expect(redirectUrl.safeParse(typed).success).toBe(false));
});

describe('headerSetting', () => {
  it.each([
    ['X-Team', 'red'],
    ['X-Request', '$request_id'],
    ['X-Both', 'a ${host} b'],
    ['Content-Security-Policy', "default-src 'self'; img-src *"],
  ])('takes %s: %s', (name, value) => expect(headerSetting.parse({ name, value })).toEqual({ name, value }));

  it.each([
    ['X Team', 'red'],
    ['X-Team:', 'red'],
    ['Host', 'x'],
    ['transfer-encoding', 'chunked'],
    ['X-Team', 'a\r\nSet-Cookie: x'],
    ['X-Team', 'costs 5$'],
    ['X-Team', '$1'],
    ['X-Team', '${host'],
    ['X-Team', 'é'],
    ['', 'x'],
  ])('refuses %j: %j', (name, value) => expect(headerSetting.safeParse({ name, value }).success).toBe(false));
});
