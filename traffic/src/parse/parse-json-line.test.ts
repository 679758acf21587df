import { describe, expect, it } from 'vitest';
import { UNREADABLE_RECORD } from './parse-flotilla-line.ts';
import { parseJsonLine } from './parse-json-line.ts';

const FIELDS = {
  time_iso8601: '2000-10-10T13:55:36-07:00',
  remote_addr: '203.0.113.7',
  remote_user: '',
  request: 'GET /a?b=c HTTP/1.1',
  status: 404,
  body_bytes_sent: '153',
  http_referer: 'https://x.example/',
  http_user_agent: 'curl/8',
  request_time: 0.015,
  upstream_response_time: '0.012, 0.001 : -',
  upstream_addr: '192.0.2.1:80',
  request_id: '0a1b',
};
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
  requestMs: 15,
  upstreamMs: 13,
  upstream: '192.0.2.1:80',
  referrer: 'https://x.example/',
  userAgent: 'curl/8',
  requestId: '0a1b',
  isWellFormed: true,
};

/** What stands around it must not matter. */
function parse(line: string) {
  const bytes = Buffer.from(`{"\n${line}\n}"`, 'latin1');
  return parseJsonLine(bytes, 3, bytes.length - 3);
}

/** @param fields undefined for one that is left out */
const buildLine = (fields: Record<string, unknown> = {}) => JSON.stringify({ ...FIELDS, ...fields });
const withAgent = (raw: string) => buildLine().replace('"curl/8"', () => raw);

describe('a line of JSON', () => {
  it('is read whole', () => expect(parse(buildLine())).toEqual(WHOLE));

  it.each<[string, string, object]>([
    ['seconds since the epoch', buildLine({ msec: '971211336.250' }), { timeMs: 971_211_336_250 }],
    ['seconds as a number', buildLine({ time_iso8601: undefined, time: 971_211_336.25 }), { timeMs: 971_211_336_250 }],
    ['milliseconds since it', buildLine({ time_iso8601: undefined, ts: 971_211_336_250 }), { timeMs: 971_211_336_250 }],
    ['UTC', buildLine({ time_iso8601: '2000-10-10T20:55:36.5Z' }), { timeMs: WHOLE.timeMs + 500 }],
    ['the time as combined has it', buildLine({ time_iso8601: '', time: '10/Oct/2000:13:55:36 -0700' }), {}],
    [
      'the request in parts',
      buildLine({ request: undefined, request_method: 'POST', request_uri: '/x y', server_protocol: 'HTTP/2.0' }),
      { method: 'POST', uri: '/x y', protocol: 'HTTP/2.0' },
    ],
    [
      'a URI with its query apart',
      buildLine({ request_method: 'GET', uri: '/x', args: 'a=b' }),
      { uri: '/x?a=b', protocol: 'HTTP/1.1' },
    ],
    [
      'HTTP/0.9',
      buildLine({ request: 'GET /x', request_method: 'GET', request_uri: '/x', server_protocol: 'HTTP/0.9' }),
      { uri: '/x', protocol: null },
    ],
    ['TLS on the plain port', buildLine({ request: '\u0016\u0003\u0001', request_method: '' }), noRequest()],
    ['an empty request', buildLine({ request: '' }), noRequest()],
    ['dashes', buildLine({ http_referer: '-', upstream_addr: '-' }), { referrer: null, upstream: null }],
    ['null', buildLine({ http_referer: null }), { referrer: null }],
    ['no numbers', buildLine({ body_bytes_sent: '', request_time: '-' }), { bytes: null, requestMs: null }],
    ['nobody asked', buildLine({ upstream_response_time: '-' }), { upstreamMs: null }],
    ['values left out', buildLine().replace('"153"', '').replace('0.015', '-'), { bytes: null, requestMs: null }],
    ['blanks', buildLine().replaceAll('":', '" : ').replaceAll(',"', ' ,\t"'), {}],
    ['other keys', buildLine({ a: { b: [1, '}]"\\', { status: 200 }] }, c: true, d: [] }), {}],
    ['a key twice', buildLine().replace(/\}$/, ',"status":200}'), {}],
    ['escapes', withAgent(String.raw`"\"\\\/\b\f\n\r\t\u001b\u00e4\uD83D\uDE00"`), agent('"\\/\b\f\n\r\t\u001bä😀')],
    ['half of a character', withAgent(String.raw`"a\uD83Db\uDE00c"`), agent('a\uFFFDb\uFFFDc')],
    ['a torn escape', withAgent(String.raw`"\u12 \q"`), agent(String.raw`\u12 \q`)],
    ['nginx’s own escapes', withAgent(String.raw`"\x22\xC3\xA4\xFF"`), agent('"ä\uFFFD')],
    ['a letter that is escaped twice', withAgent(String.raw`"\\x41\\u0041"`), agent(String.raw`\x41\u0041`)],
    ['no UTF-8', withAgent('"\u00ff"'), agent('\uFFFD')],
    ['what imitates fields', buildLine({ http_user_agent: '","status":200,"x":"' }), agent('","status":200,"x":"')],
    [
      'a user who does so',
      buildLine({ remote_user: 'x","remote_addr":"192.0.2.1' }),
      user('x","remote_addr":"192.0.2.1'),
    ],
    ['64 KiB', buildLine({ request: `GET /${'a'.repeat(65_536)} HTTP/1.1` }), { uri: `/${'a'.repeat(65_536)}` }],
  ])('may have %s', (_, line, change) => expect(parse(line)).toEqual({ ...WHOLE, ...change }));

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['an object of something else', '{"level":"info","time":"2000-10-10T13:55:36Z","msg":"x"}'],
    ['one without a time', buildLine({ time_iso8601: undefined })],
    ['one with a date that is none', buildLine({ time_iso8601: '2000-02-31T13:55:36Z' })],
    ['one with a time without its offset', buildLine({ time_iso8601: '2000-10-10T13:55:36' })],
    ['one without an address', buildLine({ remote_addr: '' })],
    ['one without a status', buildLine({ status: '' })],
    ['one with a status that is none', buildLine({ status: 20 })],
    ['one without a request', buildLine({ request: undefined })],
    ['one and a half', `${buildLine()}{`],
    ['two', `${buildLine()}${buildLine()}`],
    ['one without commas', buildLine().replaceAll(',"', ' "')],
    ['one that is nested', `{"a":${buildLine()}}`],
    ['one without an end', `{"a":${'['.repeat(65_536)}`],
  ])('is not %s', (_, line) => expect(parse(line)).toEqual(UNREADABLE_RECORD));

  it('is not the beginning of one', () => {
    for (let length = 0; length < buildLine().length; length += 1) {
      expect(parse(buildLine().slice(0, length)).isWellFormed).toBe(false);
    }
  });
});

function agent(userAgent: string) {
  return { userAgent };
}

function user(remoteUser: string) {
  return { remoteUser };
}

function noRequest() {
  return { method: null, uri: null, protocol: null };
}
