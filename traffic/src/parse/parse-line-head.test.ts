import { describe, expect, it } from 'vitest';
import { createLineHead, parseLineHead, type LineHead } from './parse-line-head.ts';
import { buildLine, SERVICE_ID, type LineDraft } from '../testing/build-line.ts';

/** Null when it is refused. What stands around it must not matter. */
function parse(line: string | Buffer, before = '17"\n', after = '\n1780000000.250"'): LineHead | null {
  const bytes = Buffer.concat([Buffer.from(before), Buffer.from(line), Buffer.from(after)]);
  const head = createLineHead();
  const start = before.length;
  const isOurs = parseLineHead(bytes, start, start + Buffer.byteLength(line), head);
  if (!isOurs) return null;
  return { ...head, serviceAt: head.serviceAt === -1 ? -1 : head.serviceAt - start, clientAt: head.clientAt - start };
}

const SERVICE_AT = '1780000000.250"'.length;

describe('a line of nginx', () => {
  it('gives what is counted', () => {
    expect(parse(buildLine())).toEqual({
      timeMs: 1_780_000_000_250,
      serviceAt: SERVICE_AT,
      status: 200,
      requestMs: 15,
      upstreamMs: 12,
      bytesSent: 1024,
      clientAt: buildLine().indexOf('192.0.2.7'),
    });
    expect(buildLine().slice(SERVICE_AT, SERVICE_AT + 36)).toBe(SERVICE_ID);
  });

  it.each<[string, LineDraft, Partial<LineHead>]>([
    [
      'no site',
      { service: '-', upstream: '-', upstreamSeconds: '-', status: '444' },
      { serviceAt: -1, upstreamMs: -1 },
    ],
    ['answered by nginx itself', { upstream: '-', upstreamSeconds: '-', status: '403' }, { upstreamMs: -1 }],
    ['nobody there to ask', { upstream: 'site_1', upstreamSeconds: '-', status: '502' }, { upstreamMs: 0 }],
    [
      'two servers asked',
      { upstream: '192.0.2.1:80, 192.0.2.2:80', upstreamSeconds: '1.000, 0.012' },
      { upstreamMs: 1012 },
    ],
    [
      'an internal redirect',
      { upstream: '192.0.2.1:80 : 192.0.2.2:80', upstreamSeconds: '0.003 : -' },
      { upstreamMs: 3 },
    ],
    ['an upstream by IPv6', { upstream: '[2001:db8::1]:80' }, { upstreamMs: 12 }],
    ['an upstream by a socket', { upstream: 'unix:/run/app.sock' }, { upstreamMs: 12 }],
    ['a client by IPv6', { client: '2001:db8::7' }, {}],
    ['HTTP/0.9', { status: '009', protocol: 'HTTP/0.9' }, { status: 9 }],
    ['an hour', { requestSeconds: '3600.000', upstreamSeconds: '3599.999' }, { upstreamMs: 3_599_999 }],
    ['TLS on the plain port', { method: '-', protocol: '-', requested: String.raw`\x16\x03\x01\x02\x00\x01` }, {}],
    ['an empty request', { method: '-', protocol: '-', requested: '-', status: '400' }, { status: 400 }],
    ['a request of 64 KiB', { requested: `/${'a'.repeat(65_536)}` }, {}],
    ['escapes', { userAgent: String.raw`\x22 \x5C \x0A \x1B[31m`, requested: String.raw`/\xFF\xFE` }, {}],
    ['nothing that strangers write', { requested: '', referrer: '', userAgent: '' }, {}],
  ])('%s', (_, draft, expected) => {
    const head = parse(buildLine(draft));
    expect(head).toMatchObject({ timeMs: 1_780_000_000_250, serviceAt: SERVICE_AT, ...expected });
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['a byte', '"'],
    ['combined', '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 12 "-" "curl/8"'],
    ['JSON', '{"time":"1780000000.250","status":200}'],
    ['an earlier format of ours', '2026-01-01T00:00:00+00:00 192.0.2.1 shop "GET / HTTP/1.1" 200 1 0.1 "-" "-" "-" 01'],
    ['a time without milliseconds', buildLine({ time: '1780000000' })],
    ['a service that is none', buildLine({ service: 'shop' })],
    ['no service', buildLine({ service: '' })],
    [
      'a service that was torn and went on with other fields',
      buildLine({ service: '0190a0b0-1111-7222-8333-44445"/x"666' }),
    ],
    ['a status of two digits', buildLine({ status: '20' })],
    ['a status of four digits', buildLine({ status: '2000' })],
    ['a status that is none', buildLine({ status: '2x0' })],
    ['seconds without decimals', buildLine({ requestSeconds: '1' })],
    ['seconds that are negative', buildLine({ requestSeconds: '-1.000' })],
    ['seconds of an upstream that are none', buildLine({ upstreamSeconds: '0.012,0.013' })],
    ['no seconds of an upstream', buildLine({ upstreamSeconds: '' })],
    ['bytes that are none', buildLine({ bytes: '-' })],
    ['bytes that are beyond the line', buildLine().split('"').slice(0, 7).join('"')],
  ])('refuses %s', (_, line) => {
    expect(parse(line)).toBeNull();
  });

  it('refuses two torn lines that became one', () => {
    const [first, second] = [buildLine({ status: '200' }), buildLine({ status: '503', upstreamSeconds: '9.000' })];
    const untouchedFrom = first.indexOf('1024"') + '1024'.length;
    for (let length = 1; length < first.length; length += 1) {
      const head = parse(first.slice(0, length) + second);
      // Torn behind what is counted, the first is counted as what it is.
      const expected = length <= untouchedFrom ? null : { status: 200, upstreamMs: 12 };
      expect(head === null ? null : { status: head.status, upstreamMs: head.upstreamMs }, `after ${length}`).toEqual(
        expected,
      );
    }
  });
});

describe('any bytes', () => {
  /** Park and Miller's: the same numbers each time. */
  function createRandom(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
  }

  it('never end the reader, and never give a value that is none', () => {
    const random = createRandom(20_261_123);
    const interesting = Buffer.from('"-.0123456789, :\n\\x\0\xff', 'latin1');
    const unsound: string[] = [];
    let taken = 0;
    for (let round = 0; round < 200_000; round += 1) {
      const line = Buffer.from(buildLine({ service: random(5) === 0 ? '-' : SERVICE_ID }));
      for (let change = random(4); change >= 0; change -= 1) {
        const at = random(120);
        line[at] = random(2) === 0 ? random(256) : (interesting[random(interesting.length)] ?? 0);
      }
      const head = parse(
        line.subarray(0, random(3) === 0 ? random(line.length) : line.length),
        '',
        random(2) === 0 ? '\n' : '',
      );
      if (head === null) continue;
      taken += 1;
      const { timeMs, status, upstreamMs, serviceAt } = head;
      const areSound =
        Number.isSafeInteger(timeMs) &&
        Number.isInteger(status) &&
        status <= 999 &&
        Number.isSafeInteger(upstreamMs) &&
        upstreamMs >= -1 &&
        [-1, SERVICE_AT].includes(serviceAt);
      if (!areSound) unsound.push(`${JSON.stringify(line.toString('latin1'))} gives ${JSON.stringify(head)}`);
    }
    expect(unsound).toEqual([]);
    // The control: it is not that all of them are refused.
    expect(taken).toBeGreaterThan(10_000);
  });
});
