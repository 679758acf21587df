import type { SuspicionClass } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import type { AccessRecord } from '../access-record.ts';
import { explainRules } from './explain-rules.ts';
import { pathOfUri } from './plain-path.ts';

const record: AccessRecord = {
  timeMs: 1_780_000_000_000,
  remoteAddress: '203.0.113.7',
  remoteUser: null,
  serviceId: 'shop',
  method: 'GET',
  uri: '/admin?x=1',
  protocol: 'HTTP/1.1',
  status: 404,
  bytes: 1,
  requestMs: null,
  upstreamMs: null,
  upstream: null,
  referrer: null,
  userAgent: null,
  requestId: null,
  isWellFormed: true,
};

function explain(
  ruleId: string,
  change: Partial<AccessRecord>,
  classes: readonly SuspicionClass[],
): string | undefined {
  return explainRules({ ...record, ...change }, classes).find((found) => found.ruleId === ruleId)?.explanation;
}

describe('what rules make of one request', () => {
  it.each<[string, Partial<AccessRecord>, SuspicionClass[], string]>([
    [
      'probing',
      {},
      ['not_found'],
      'counts it; bans with 9 other paths within 60 s, and such requests to be 70 % of all that the client sends',
    ],
    [
      'probing',
      { uri: '/favicon.ico?v=2' },
      ['not_found'],
      'does not count it: its path is one of those that are excepted',
    ],
    ['probing', { status: 401 }, ['auth_failure'], 'does not count it: its status is another one'],
    ['probing', {}, [], 'does not count it: nothing about it is suspicious'],
    ['injection', {}, ['xss'], 'counts it; bans with 1 more before they are forgiven'],
    ['injection', {}, ['not_found'], 'does not count it: it has none of the classes, or too few of them'],
    ['clear-injection', {}, ['xss', 'scanner_agent'], 'bans at once'],
    ['wordpress-login', { uri: '/wp-login.php' }, ['login_attempt'], 'does not count it: its method is another one'],
    ['wordpress-login', { method: 'POST' }, ['login_attempt'], 'does not count it: its path is another one'],
    [
      'wordpress-login',
      { method: 'POST', uri: '/wp-login.php' },
      ['login_attempt'],
      'counts it; bans with 9 other services within 600 s, and 1 other node within 600 s',
    ],
    ['crawling', {}, [], 'counts it when its client sends very many; bans with 599 other paths within 60 s'],
  ])('%s of %j with %j', (ruleId, change, classes, words) => expect(explain(ruleId, change, classes)).toBe(words));

  it('can be told of a line that says nothing', () => {
    const nothing = { timeMs: null, remoteAddress: null, method: null, uri: null, status: null, isWellFormed: false };
    expect(explain('injection', nothing, ['protocol_garbage'])).toMatch(/^does not count it/);
  });
});

it.each([
  ['/a/b?c=d', '/a/b'],
  ['/a#b', '/a'],
  ['?', ''],
  ['*', '*'],
  ['http://example.com/a?b', '/a'],
  ['http://example.com', '/'],
  ['//a/b', '//a/b'],
])('%s has the path %j', (uri, path) => expect(pathOfUri(uri)).toBe(path));
