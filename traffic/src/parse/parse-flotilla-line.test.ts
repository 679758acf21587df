import { createRandom } from '@flotilla/contracts/testing';
import { describe, expect, it } from 'vitest';
import { buildLine, SERVICE_ID, type LineDraft } from '../testing/build-line.ts';
import { parseFlotillaLine, UNREADABLE_RECORD } from './parse-flotilla-line.ts';

/** What stands around it must not matter. */
function parse(line: string | Buffer) {
  const bytes = Buffer.concat([Buffer.from('x"y\n'), Buffer.from(line), Buffer.from('\n1"2"3')]);
  return parseFlotillaLine(bytes, 4, 4 + Buffer.byteLength(line));
}

/** As nginx writes a value (ngx_http_log_escape). */
function escapeValue(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) =>
      byte < 0x20 || byte >= 0x7f || byte === 0x22 || byte === 0x5c
        ? `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}

describe('a line of the agent’s own format', () => {
  it('is read whole', () => {
    expect(parse(buildLine())).toEqual({
      timeMs: 1_780_000_000_250,
      remoteAddress: '192.0.2.7',
      remoteUser: null,
      serviceId: SERVICE_ID,
      method: 'GET',
      uri: '/products/7?ref=a',
      protocol: 'HTTP/1.1',
      status: 200,
      bytes: 1024,
      requestMs: 15,
      upstreamMs: 12,
      upstream: '172.17.0.2:8080',
      referrer: 'https://shop.example.com/',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
      requestId: '0123456789abcdef0123456789abcdef',
      isWellFormed: true,
    });
  });

  it.each<[string, LineDraft, object]>([
    ['no site', { service: '-' }, { serviceId: null }],
    ['nobody asked', { upstream: '-', upstreamSeconds: '-' }, { upstream: null, upstreamMs: null }],
    ['no referrer and no agent', { referrer: '-', userAgent: '-' }, { referrer: null, userAgent: null }],
    ['IPv6', { client: '2001:db8::7' }, { remoteAddress: '2001:db8::7' }],
    ['HTTP/0.9', { status: '009', protocol: 'HTTP/0.9' }, { status: 9, protocol: 'HTTP/0.9' }],
    [
      'TLS on the plain port',
      { method: '', protocol: '', requested: String.raw`\x16\x03\x01`, status: '400' },
      { method: null, uri: null, protocol: null, isWellFormed: true },
    ],
    ['an empty request', { method: '', protocol: '', requested: '' }, { method: null, uri: null }],
    ['a method alone', { requested: '' }, { method: null, uri: null, protocol: null }],
    ['64 KiB', { requested: `/${'a'.repeat(65_536)}` }, { uri: `/${'a'.repeat(65_536)}` }],
    ['no UTF-8', { requested: String.raw`/\xFF\xFE` }, { uri: '/\uFFFD\uFFFD' }],
    ['an escape sequence', { userAgent: String.raw`\x1B[31m` }, { userAgent: '\u001b[31m' }],
    ['a torn escape', { userAgent: String.raw`a\x4` }, { userAgent: String.raw`a\x4` }],
  ])('with %s', (_, draft, expected) => expect(parse(buildLine(draft))).toMatchObject(expected));

  it.each([
    ['nothing', ''],
    ['one without an address', buildLine({ client: '' })],
    ['half of one', buildLine().slice(0, 80)],
    ['one field more', `${buildLine()}"x`],
    ['one field less', buildLine().slice(0, buildLine().lastIndexOf('"'))],
    ['two that became one', `${buildLine().slice(0, 90)}${buildLine()}`],
    ['another format', '192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 5 "-" "curl"'],
    ['bytes', Buffer.from([0, 255, 34, 10, 34])],
  ])('is not %s', (_, line) => expect(parse(line)).toEqual(UNREADABLE_RECORD));

  it('gives back what a stranger wrote, whatever it imitates', () => {
    const random = createRandom(5);
    const pieces = [
      '"',
      '\\',
      '\\x22',
      '\n',
      '\t',
      '-',
      ' ',
      'é',
      '😀',
      '\u0000',
      '1780000000.250"',
      SERVICE_ID,
      'a',
      '/',
    ];
    const write = () =>
      Array.from({ length: random.between(1, 12) }, () => pieces[random.between(0, pieces.length - 1)]).join('');
    for (let round = 0; round < 2000; round += 1) {
      const [uri, referrer, userAgent] = [`/${write()}`, `r${write()}`, `u${write()}`];
      const [requested, ...others] = [uri, referrer, userAgent].map(escapeValue);
      const line = buildLine({ requested: requested ?? '', referrer: others[0] ?? '', userAgent: others[1] ?? '' });
      expect(parse(line)).toMatchObject({ uri, referrer, userAgent, remoteAddress: '192.0.2.7', status: 200 });
    }
  });
});
