import { describe, expect, it } from 'vitest';
import { parseCombinedLine } from './parse-combined-line.ts';
import { UNREADABLE_RECORD } from './parse-flotilla-line.ts';

const TAIL = '"GET /a?b=c HTTP/1.1" 404 153 "https://x.example/" "curl/8"';
const LINE = `203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] ${TAIL}`;
const COMMON = LINE.replace(' "https://x.example/" "curl/8"', '');

/** What stands around it must not matter. */
function parse(line: string) {
  const bytes = Buffer.from(`"x\n${line}\n"`, 'latin1');
  return parseCombinedLine(bytes, 3, bytes.length - 2);
}

const asUser = (user: string) => LINE.replace('- - [', `- ${user} [`);
const asRequest = (request: string) => LINE.replace('GET /a?b=c HTTP/1.1', () => request);
const asTime = (time: string) => LINE.replace('10/Oct/2000:13:55:36 -0700', time);
const timeOf = (iso: string) => ({ timeMs: Date.parse(iso) });

const WHOLE = {
  timeMs: Date.parse('2000-10-10T20:55:36Z'),
  remoteAddress: '203.0.113.7',
  remoteUser: null,
  serviceId: null,
  method: 'GET',
  uri: '/a?b=c',
  protocol: 'HTTP/1.1',
  status: 404,
  bytes: 153,
  requestMs: null,
  upstreamMs: null,
  upstream: null,
  referrer: 'https://x.example/',
  userAgent: 'curl/8',
  requestId: null,
  isWellFormed: true,
};

describe('a line of combined', () => {
  it('is read whole', () => expect(parse(LINE)).toEqual(WHOLE));

  it.each<[string, string, object]>([
    ['common', COMMON, { referrer: null, userAgent: null }],
    ['more fields behind', `${LINE} "198.51.100.1" 0.1 "a \\x22 b"`, {}],
    ['something else behind', `${LINE} rt=0.1 "`, {}],
    ['IPv6', LINE.replace('203.0.113.7', '2001:db8::7'), { remoteAddress: '2001:db8::7' }],
    ['a host’s name', LINE.replace('203.0.113.7', 'host.example'), { remoteAddress: 'host.example' }],
    ['an identity', LINE.replace('- -', 'ident -'), {}],
    ['no bytes', LINE.replace('153', '-'), { bytes: null }],
    ['many bytes', LINE.replace('153', '123456789012345'), { bytes: 123_456_789_012_345 }],
    ['HTTP/0.9’s status', LINE.replace('404', '009'), { status: 9 }],
    ['no status', LINE.replace('404', '-'), { status: null }],
    ['no referrer and no agent', LINE.replace(/"https.*$/, '"-" "-"'), { referrer: null, userAgent: null }],
    ['an empty referrer and agent', LINE.replace(/"https.*$/, '"" ""'), { referrer: '', userAgent: '' }],
    ['another offset', asTime('01/Mar/2024:00:30:00 +0545'), timeOf('2024-02-29T18:45:00Z')],
    ['the offset of nobody', asTime('29/Feb/2024:23:59:59 -0000'), timeOf('2024-02-29T23:59:59Z')],
    ['a user', asUser('frank'), { remoteUser: 'frank' }],
    ['a user with blanks', asUser('a  b '), { remoteUser: 'a  b ' }],
    [
      'a user who imitates the time',
      asUser('x [10/Oct/2001:13:55:36 -0700]'),
      { remoteUser: 'x [10/Oct/2001:13:55:36 -0700]' },
    ],
    [
      'a user who imitates a line',
      asUser(String.raw`x - - [10/Oct/2001:13:55:36 -0700] \x22GET / HTTP/1.1\x22 200 5`),
      { remoteUser: 'x - - [10/Oct/2001:13:55:36 -0700] "GET / HTTP/1.1" 200 5' },
    ],
    [
      'a user who imitates a line to Apache',
      asUser(String.raw`x [10/Oct/2001:13:55:36 -0700] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"`),
      { remoteUser: 'x [10/Oct/2001:13:55:36 -0700] "GET / HTTP/1.1" 200 5 "-" "-"' },
    ],
    ['a user who has only quotes', asUser(String.raw`\"\"`), { remoteUser: '""' }],
    ['a user without a name, by Apache', asUser('""'), { remoteUser: '' }],
    ['a user without a name, by nginx', asUser(''), { remoteUser: '' }],
    [
      'an agent that imitates the end',
      LINE.replace('curl/8', String.raw`\x22 200 1 \x22-\x22 \x22x`),
      { userAgent: '" 200 1 "-" "x' },
    ],
    ['an agent that ends with a backslash', LINE.replace('curl/8', () => String.raw`x\\`), { userAgent: 'x\\' }],
    [
      'Apache’s escapes',
      LINE.replace('curl/8', String.raw`a \"b\" \\ \n\t\r\b\v`),
      { userAgent: 'a "b" \\ \n\t\r\b\v' },
    ],
    ['bytes without an escape', LINE.replace('curl/8', '\u00ff\u001b[31m'), { userAgent: '\uFFFD\u001b[31m' }],
  ])('may have %s', (_, line, change) => expect(parse(line)).toEqual({ ...WHOLE, ...change }));

  it.each<[string, string, string | null, string | null, string | null]>([
    ['escaped bytes', String.raw`GET /\xC3\xA4\x1B[31m HTTP/1.1`, 'GET', '/ä\u001b[31m', 'HTTP/1.1'],
    ['no UTF-8', String.raw`GET /\xFF HTTP/1.1`, 'GET', '/\uFFFD', 'HTTP/1.1'],
    ['blanks in the URI', 'GET /a b c HTTP/1.1', 'GET', '/a b c', 'HTTP/1.1'],
    ['a URI that imitates the protocol', 'GET /a HTTP/1.0 HTTP/1.1', 'GET', '/a HTTP/1.0', 'HTTP/1.1'],
    ['64 KiB', `GET /${'a'.repeat(65_536)} HTTP/1.1`, 'GET', `/${'a'.repeat(65_536)}`, 'HTTP/1.1'],
    ['HTTP/2', 'GET / HTTP/2.0', 'GET', '/', 'HTTP/2.0'],
    ['HTTP/0.9', 'GET /path', 'GET', '/path', null],
    ['HTTP/0.9 with blanks', 'GET /a b', 'GET', '/a b', null],
    ['another method', 'M-SEARCH * HTTP/1.1', 'M-SEARCH', '*', 'HTTP/1.1'],
    ['a whole URL', 'GET http://x.example/ HTTP/1.1', 'GET', 'http://x.example/', 'HTTP/1.1'],
    ['a tunnel', 'CONNECT x.example:443 HTTP/1.1', 'CONNECT', 'x.example:443', 'HTTP/1.1'],
    ['TLS on the plain port', String.raw`\x16\x03\x01\x02 / HTTP/1.1`, null, null, null],
    ['TLS without blanks', String.raw`\x16\x03\x01\x02`, null, null, null],
    ['nothing', '', null, null, null],
    ['a dash', '-', null, null, null],
    ['a method alone', 'GET', null, null, null],
    ['no URI', 'GET HTTP/1.1', null, null, null],
    ['an empty URI', 'GET  HTTP/1.1', null, null, null],
    ['another protocol', 'OPTIONS sip:nm SIP/2.0', null, null, null],
    ['a word', 'MGLNDD_192.0.2.1_80', null, null, null],
  ])('may ask with %s', (_, request, method, uri, protocol) =>
    expect(parse(asRequest(request))).toEqual({ ...WHOLE, method, uri, protocol }),
  );

  it.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['text', 'hello'],
    ['quotes alone', '""""""'],
    ['no time', LINE.replace(/\[.*\]/, '-')],
    ['a month that is none', asTime('10/Okt/2000:13:55:36 -0700')],
    ['a day that is none', asTime('31/Feb/2000:13:55:36 -0700')],
    ['day 0', asTime('00/Oct/2000:13:55:36 -0700')],
    ['29 February of another year', asTime('29/Feb/2023:13:55:36 -0700')],
    ['an hour that is none', asTime('10/Oct/2000:24:00:00 -0700')],
    ['a minute that is none', asTime('10/Oct/2000:13:60:00 -0700')],
    ['an offset that is none', asTime('10/Oct/2000:13:55:36 +1560')],
    ['no offset', asTime('10/Oct/2000:13:55:36')],
    ['a status that is none', LINE.replace('404', '4x4')],
    ['a status of four digits', LINE.replace('404', '4040')],
    ['negative bytes', LINE.replace('153', '-153')],
    ['no address', LINE.replace('203.0.113.7', '')],
    ['a common one that is torn', `${COMMON} `],
    ['two torn ones', `${LINE.slice(0, -4)}${LINE}`],
    ['two torn within the request', `${LINE.slice(0, 55)}${LINE}`],
    ['JSON', '{"a":"b"}'],
  ])('is not %s', (_, line) => expect(parse(line)).toEqual(UNREADABLE_RECORD));

  it('is not the beginning of one', () => {
    const commonAt = COMMON.length;
    for (let length = 0; length < LINE.length; length += 1) {
      // What ends within the number of bytes looks like `common`.
      const isCommon = length > commonAt - 3 && length <= commonAt;
      expect(parse(LINE.slice(0, length)).isWellFormed, LINE.slice(0, length)).toBe(isCommon);
    }
  });
});
