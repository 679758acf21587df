import { createRandom } from '@flotilla/contracts/testing';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './compile-glob.ts';
import { compilePattern, findPatternProblems } from './compile-pattern.ts';
import { describeRule } from './describe-rule.ts';
import { DistinctHashes } from './distinct-hashes.ts';
import { hashText } from './hash-text.ts';
import { isPage, plainPath } from './plain-path.ts';
import { shippedRules } from './shipped-rules.ts';

describe('a path', () => {
  it.each([
    ['/wp-login.php', '/wp-login.php'],
    ['//Blog///WP-Login.PHP', '/blog/wp-login.php'],
    ['/%77p%2Dlogin.php', '/wp-login.php'],
    ['/%2eenv', '/.env'],
    ['/%C3%A4', '/%c3%a4'],
    ['/%zz%', '/%zz%'],
    ['/%252e', '/%2e'],
  ])('%s is compared as %s', (path, plain) => expect(plainPath(path)).toBe(plain));

  it.each([
    ['/', true],
    ['/photo.jpg', false],
    ['/app.3f2a.js', false],
    ['/index.php', true],
    ['/jpg', true],
    ['/data.json', true],
  ])('%s is a page: %j', (path, expected) => expect(isPage(path)).toBe(expected));

  it('has the same hash for ever, and hashes are spread', () => {
    expect([hashText('/'), hashText('/.env')]).toEqual([616_345_028, 2_696_539_080]);
    const below = Array.from({ length: 10_000 }, (_, index) => hashText(`/p${index}`)).filter((hash) => hash < 2 ** 28);
    expect(below.length).toBeGreaterThan(500);
    expect(below.length).toBeLessThan(750);
  });
});

describe('a glob', () => {
  it.each([
    ['/wp-login.php', '/wp-login.php', true],
    ['/WP-login.php', '/wp-login.php', true],
    ['/wp-login.php', '/x/wp-login.php', false],
    ['**/wp-login.php', '/wp-login.php', true],
    ['**/wp-login.php', '/a/b/wp-login.php', true],
    ['**/wp-login.php', '/a/xwp-login.php', false],
    ['/admin/**', '/admin/', true],
    ['/admin/**', '/admin', false],
    ['/api/*/users', '/api/v1/users', true],
    ['/api/*/users', '/api/v1/x/users', false],
    ['/api/*/users', '/api//users', true],
    ['/api/**/users', '/api/v1/x/users', true],
    ['/v?/x', '/v1/x', true],
    ['/v?/x', '/v/x', false],
    ['/v?x', '/v/x', false],
    ['**sitemap*.xml**', '/sitemap_index.xml.gz', true],
    ['**', '', true],
    ['/a.c', '/abc', false],
  ])('%s matches %s: %j', (glob, path, isMatch) => expect(compileGlob(glob)(path)).toBe(isMatch));

  it('takes no longer for what is made to take long', () => {
    const isMatch = compileGlob(`/${'**a*'.repeat(49)}b`);
    const startedAt = performance.now();
    for (let round = 0; round < 50; round += 1) expect(isMatch(`/${'a'.repeat(255)}`)).toBe(false);
    // 200 × 256 steps each: some milliseconds at most, where a backtracking pattern would not end.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('a pattern', () => {
  it('is found anywhere in the user agent, and asked again gives the same', () => {
    const reading = compilePattern('(?i)evil-?bot/[0-9]+');
    expect(reading.ok).toBe(true);
    const test = reading.ok ? reading.test : () => null;
    expect([test('x EvilBot/12 y'), test('x EvilBot/12 y'), test('EvilBot/x')]).toEqual([true, true, false]);
  });

  it.each([['('], ['a{2000}'], ['(?=a)'], [String.raw`(a)\1`], ['[z-a]'], ['*']])(
    '%s does not compile, and the field is named',
    (userAgentPattern) => {
      const match = {
        of: 'suspicious' as const,
        classes: [],
        minClasses: 1,
        paths: [],
        exceptPaths: [],
        statuses: [],
        methods: [],
        userAgentPattern,
      };
      expect(findPatternProblems({ match })).toEqual([
        { path: ['match', 'userAgentPattern'], message: expect.stringMatching(/^is not a pattern of RE2: /) as string },
      ]);
    },
  );

  it('takes linear time, also when each user agent is a new one', () => {
    const reading = compilePattern('(a+)+$');
    const test = reading.ok ? reading.test : () => true;
    const startedAt = performance.now();
    for (let round = 0; round < 20; round += 1) expect(test(`${'a'.repeat(200 + round)}!`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('distinct paths', () => {
  const add = (paths: DistinctHashes, number: number, timeMs: number, from = 0) => {
    for (let index = 0; index < number; index += 1) paths.add(hashText(`/path-${from + index}`), timeMs);
  };

  it('are counted exactly while they are few, and forgotten after the window', () => {
    const paths = new DistinctHashes(10, 1000);
    add(paths, 9, 0);
    add(paths, 5, 500);
    expect(paths.count(999)).toBe(9);
    expect(paths.count(1000)).toBe(5);
    expect(paths.count(1500)).toBe(0);
  });

  it.each([300, 1000, 20_000])('%d of them are about as many, in bounded memory', (number) => {
    const paths = new DistinctHashes(600, 60_000);
    for (let round = 0; round < 3; round += 1) add(paths, number, round);
    expect(paths.count(10) / number).toBeGreaterThan(0.8);
    expect(paths.count(10) / number).toBeLessThan(1.2);
  });

  it('of several nodes are joined from the smallest hashes of each', () => {
    const random = createRandom(5);
    const paths = new DistinctHashes(600, 60_000);
    for (let node = 0; node < 3; node += 1) {
      const hashes = Array.from({ length: 3000 }, () => hashText(`/path-${random.between(0, 1999)}`));
      paths.addSketch([...new Set(hashes)].toSorted((one, other) => one - other).slice(0, 64), node);
    }
    expect(paths.count(10) / 2000).toBeGreaterThan(0.7);
    expect(paths.count(10) / 2000).toBeLessThan(1.3);
  });

  it('become exact again when few come after many', () => {
    const paths = new DistinctHashes(600, 1000);
    add(paths, 20_000, 0);
    for (let second = 2; second < 40; second += 2) {
      add(paths, 5, second * 1000, second);
      paths.count(second * 1000);
    }
    add(paths, 5, 60_000);
    expect(paths.count(60_000)).toBe(5);
  });
});

it.each([
  [
    'injection',
    'Bans a client for 1 d on the whole fleet when it sends 2 requests (one is forgiven every 10 min) that try path traversal, try SQL injection, try cross-site scripting, try shell injection or try template injection.',
  ],
  [
    'wordpress-login',
    'Bans a client for 4 h on the whole fleet when it sends requests that are suspicious, by POST, to paths like **/wp-login.php to at least 10 services and 2 nodes within 10 min.',
  ],
  [
    'request-flood',
    'Bans a client for 1 h on the whole fleet when it sends 3000 requests (100 a second are forgiven) of any kind to at least 2 nodes within 1 min.',
  ],
])('%s is told in a sentence', (id, sentence) => {
  const found = shippedRules.find((rule) => rule.id === id);
  expect(found === undefined ? '' : describeRule(found)).toBe(sentence);
});
