import { describe, expect, it } from 'vitest';
import { banTarget } from './ban.ts';
import { suspectsMessage } from './suspects-message.ts';

const sampledAt = Date.parse('2026-01-01T00:00:00Z');
const entry = {
  serviceId: '0190a0b0-1111-7222-8333-444455556666',
  classes: ['sensitive_path', 'not_found'],
  method: 'GET',
  status: 404,
  path: '/.env',
  userAgent: 'curl/8',
  count: 3,
  firstAt: sampledAt - 1000,
  lastAt: sampledAt,
};
const suspect = {
  client: '203.0.113.7',
  entries: [entry],
  others: { not_found: 3 },
  samples: [String.raw`203.0.113.7 - - "GET /.env" \x1B[31m`],
  requests: 12,
  pathHashes: [0, 4_294_967_295],
  country: 'NL',
};
const message = { sampledAt, node: { ordinaryRequests: 1000, clients: 40 }, suspects: [suspect] };

const findProblems = (body: object) =>
  suspectsMessage.safeParse(body).error?.issues.map(({ path }) => path.join('.')) ?? [];
const withSuspect = (change: object) => ({ ...message, suspects: [{ ...suspect, ...change }] });
const withEntry = (change: object) => withSuspect({ entries: [{ ...entry, ...change }] });

describe('a message of suspects', () => {
  it('is read as it was written', () => {
    expect(suspectsMessage.parse(message)).toEqual({
      ...message,
      suspects: [{ ...suspect, hasFetchedChallenge: false }],
    });
  });

  it.each<[string, object]>([
    ['no traffic that is known', { ...message, node: null }],
    ['nobody', { ...message, suspects: [] }],
    ['a client by IPv6', withSuspect({ client: '2001:db8:1:2::/64' })],
    [
      'a request without a line',
      withEntry({ method: null, path: null, userAgent: null, serviceId: null, status: 400 }),
    ],
    ['a status of HTTP/0.9', withEntry({ status: 9 })],
    ['a client of no known country', withSuspect({ country: null })],
    ['only a volume', withSuspect({ entries: [], others: {}, samples: [] })],
    ['fields of a newer agent', { ...withEntry({ mood: 'bad' }), mood: 'good' }],
  ])('may have %s', (_, body) => expect(findProblems(body)).toEqual([]));

  it('leaves out the classes of a newer agent', () => {
    const parsed = suspectsMessage.parse(
      withSuspect({ entries: [{ ...entry, classes: ['mood', 'xss'] }], others: { mood: 3, xss: 2 } }),
    );
    expect(parsed.suspects[0]).toMatchObject({ entries: [{ classes: ['xss'] }], others: { xss: 2 } });
    expect(parsed.suspects[0]?.others).toEqual({ xss: 2 });
  });

  it.each<[string, object, string]>([
    ['a time in seconds', { ...message, sampledAt: 1_767_225_600 }, 'sampledAt'],
    ['a client that is none', withSuspect({ client: 'localhost' }), 'suspects.0.client'],
    ['a whole address of IPv6', withSuspect({ client: '2001:db8::7' }), 'suspects.0.client'],
    ['a network of a client', withSuspect({ client: '203.0.113.0/24' }), 'suspects.0.client'],
    ['a client in another form', withSuspect({ client: '2001:DB8::/64' }), 'suspects.0.client'],
    ['a /64 with something behind', withSuspect({ client: '2001:db8::7/64' }), 'suspects.0.client'],
    ['a bit behind the 64th', withSuspect({ client: '2001:db8:0:0:1::/64' }), 'suspects.0.client'],
    ['a mapped client', withSuspect({ client: '::ffff:203.0.113.7' }), 'suspects.0.client'],
    ['too many entries', withSuspect({ entries: Array.from({ length: 41 }, () => entry) }), 'suspects.0.entries'],
    ['too many samples', withSuspect({ samples: ['a', 'b', 'c', 'd'] }), 'suspects.0.samples'],
    ['a long sample', withSuspect({ samples: ['a'.repeat(513)] }), 'suspects.0.samples.0'],
    ['an escape sequence', withSuspect({ samples: ['\u001b[31m'] }), 'suspects.0.samples.0'],
    ['half a character', withEntry({ path: '/\ud800' }), 'suspects.0.entries.0.path'],
    ['a long path', withEntry({ path: '/'.repeat(257) }), 'suspects.0.entries.0.path'],
    ['a count of 0', withEntry({ count: 0 }), 'suspects.0.entries.0.count'],
    ['a count beyond all', withEntry({ count: 1e12 }), 'suspects.0.entries.0.count'],
    ['a country that is none', withSuspect({ country: 'Netherlands' }), 'suspects.0.country'],
    ['a hash that is none', withSuspect({ pathHashes: [-1] }), 'suspects.0.pathHashes.0'],
    ['too many hashes', withSuspect({ pathHashes: Array.from({ length: 65 }, () => 1) }), 'suspects.0.pathHashes'],
    ['too many suspects', { ...message, suspects: Array.from({ length: 501 }, () => suspect) }, 'suspects'],
  ])('must not have %s', (_, body, path) => expect(findProblems(body)).toEqual([path]));
});

describe('a target of a ban', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['2001:db8::/64', '2001:db8::/64'],
    ['203.0.112.0/23', null],
    ['2001:db8::/63', null],
    ['0.0.0.0/0', null],
  ])('%s is read as %j', (typed, target) => expect(banTarget.safeParse(typed).data ?? null).toBe(target));
});
