import { describe, expect, it } from 'vitest';
import { parseHttpCheck } from './parse-http-check.ts';

describe('parseHttpCheck', () => {
  it.each<[string[], { port: number; path: string }]>([
    [['CMD', 'curl', '-f', 'http://localhost:8080/up'], { port: 8080, path: '/up' }],
    [['CMD-SHELL', 'curl -fsS http://127.0.0.1/ || exit 1'], { port: 80, path: '/' }],
    [
      ['CMD-SHELL', 'curl --fail --max-time 3 -o /dev/null "http://localhost:3000/health" ||exit 1'],
      { port: 3000, path: '/health' },
    ],
    [['CMD-SHELL', 'wget --no-verbose --tries=1 --spider http://localhost/ping || false'], { port: 80, path: '/ping' }],
    [['CMD', '/usr/bin/wget', '-qO-', 'http://[::1]:81/a/b'], { port: 81, path: '/a/b' }],
    [['CMD-SHELL', 'curl -f localhost:8000/up'], { port: 8000, path: '/up' }],
  ])('reads %j', (test, expected) => {
    expect(parseHttpCheck(test)).toEqual(expected);
  });

  it.each<[string[]]>([
    [['CMD-SHELL', 'pg_isready -U shop']],
    [['CMD-SHELL', 'curl -f http://db:5432/up']],
    [['CMD-SHELL', 'curl -f https://localhost/up']],
    [['CMD-SHELL', 'curl -f http://localhost/up && test -f /ok']],
    [['CMD-SHELL', 'curl -s http://localhost/up | grep ok']],
    [['CMD-SHELL', 'curl -f http://localhost:$PORT/up']],
    [['CMD', 'curl', '-X', 'POST', 'http://localhost/up']],
    [['CMD', 'curl', '-H', 'Authorization: x', 'http://localhost/up']],
    [['CMD', 'curl', 'http://localhost/a', 'http://localhost/b']],
    [['CMD', 'curl', 'http://localhost/up?deep=1']],
    [['CMD', 'curl', 'http://u:p@localhost/up']],
    [['CMD-SHELL']],
    [[]],
  ])('leaves %j', (test) => {
    expect(parseHttpCheck(test)).toBeNull();
  });
});
