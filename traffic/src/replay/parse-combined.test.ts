import { expect, it } from 'vitest';
import { parseCombined } from './parse-combined.ts';

const TAIL = '"GET /a?b=c HTTP/1.1" 404 153 "https://x.example/" "curl/8"';
const LINE = `203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] ${TAIL}`;

function parse(line: string) {
  const bytes = Buffer.from(`"x\n${line}\n"`);
  return parseCombined(bytes, 3, bytes.length - 2);
}

it('reads a line', () => {
  expect(parse(LINE)).toMatchObject({
    timeMs: Date.parse('2000-10-10T20:55:36Z'),
    remoteAddress: '203.0.113.7',
    remoteUser: null,
    method: 'GET',
    uri: '/a?b=c',
    protocol: 'HTTP/1.1',
    status: 404,
    bytes: 153,
    referrer: 'https://x.example/',
    userAgent: 'curl/8',
    isWellFormed: true,
  });
});

it.each<[string, string, object]>([
  [
    'a user who imitates the time',
    '2001:db8::7 - x [10/Oct/2001:13:55:36 -0700] [10/Oct/2000:13:55:36 +0200] ' + TAIL,
    { remoteUser: 'x [10/Oct/2001:13:55:36 -0700]', timeMs: Date.parse('2000-10-10T11:55:36Z'), status: 404 },
  ],
  [
    'an agent that imitates the end',
    LINE.replace('curl/8', String.raw`\x22 200 1 \x22-\x22 \x22x`),
    { userAgent: '" 200 1 "-" "x', status: 404 },
  ],
  ['Apache’s escapes', LINE.replace('curl/8', String.raw`a \"b\" \\ \n`), { userAgent: 'a "b" \\ \n' }],
  ['escaped bytes', LINE.replace('/a?b=c', String.raw`/\xC3\xA4\x1B[31m`), { uri: '/ä\u001b[31m' }],
  ['spaces in the request', LINE.replace('/a?b=c', '/a b c'), { uri: '/a b c', protocol: 'HTTP/1.1' }],
  ['HTTP/0.9', LINE.replace('GET /a?b=c HTTP/1.1', 'GET /'), { method: 'GET', uri: '/', protocol: null }],
  [
    'TLS on the plain port',
    LINE.replace('GET /a?b=c HTTP/1.1', String.raw`\x16\x03\x01\x02`),
    { method: null, uri: null, isWellFormed: true },
  ],
  ['an empty request', LINE.replace('GET /a?b=c HTTP/1.1', ''), { method: null, isWellFormed: true }],
  ['more fields behind', `${LINE} "198.51.100.1" 0.1`, { userAgent: 'curl/8' }],
  ['no bytes', LINE.replace('153', '-'), { bytes: null, status: 404 }],
])('reads %s', (_, line, expected) => expect(parse(line)).toMatchObject(expected));

it.each([
  ['nothing', ''],
  ['text', 'hello'],
  ['quotes alone', '""""""'],
  ['no time', LINE.replace(/\[.*\]/, '-')],
  ['a month that is none', LINE.replace('Oct', 'Okt')],
  ['a status that is none', LINE.replace('404', '4x4')],
  ['half a line', LINE.slice(0, 80)],
  ['another format', LINE.replace(' "https://x.example/" "curl/8"', '')],
])('believes nothing of %s', (_, line) => {
  expect(parse(line)).toMatchObject({ isWellFormed: false, timeMs: null, remoteAddress: null, status: null });
});
