import { describe, expect, it } from 'vitest';
import { parseConnections } from './parse-connections.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                     ';
/** As Linux 6.18 wrote them; port 80 is 0050, 01 is ESTABLISHED, 0A is LISTEN, 06 is TIME_WAIT. */
const LISTENING = '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17501 1';
const OPEN = '   1: 020011AC:0050 010011AC:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 17502 1';
const CLOSED = '   2: 020011AC:0050 010011AC:D2F2 06 00000000:00000000 03:00001770 00000000     0        0 0 3';
const OUTGOING = '   3: 020011AC:D2F4 010011AC:0050 01 00000000:00000000 00:00000000 00000000     0        0 17503 1';
const OPEN_IPV6 =
  '   0: 0000000000000000FFFF0000020011AC:0050 0000000000000000FFFF0000010011AC:D2F6 01 00000000:00000000 00:00000000 00000000     0        0 17504 1';

describe('parseConnections', () => {
  it.each<[string, string[], number[], number]>([
    ['nothing', [], [80], 0],
    ['a port that is only listened on', [LISTENING], [80], 0],
    ['open ones', [LISTENING, OPEN, OPEN], [80], 2],
    ['none that are closed already', [CLOSED], [80], 0],
    ['none that the replica has opened itself', [OUTGOING], [80], 0],
    ['those over IPv6', [OPEN_IPV6], [80], 1],
    ['none of other ports', [OPEN], [8080], 0],
    ['those of several ports', [OPEN, OUTGOING], [80, 0xd2f4], 2],
  ])('counts %s', (_, lines, ports, count) => {
    expect(parseConnections([HEAD, ...lines, ''].join('\n'), new Set(ports))).toBe(count);
  });

  it('counts nothing in a text that is no table', () => {
    expect(parseConnections('', new Set([80]))).toBe(0);
    expect(parseConnections('a\nb c\n\n::: :: 01 01', new Set([80]))).toBe(0);
  });
});
