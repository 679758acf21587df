import { describe, expect, it } from 'vitest';
import { parseNetwork } from './parse-network.ts';

describe('parseNetwork', () => {
  it.each([
    ['0.0.0.0/0', 32, 0n],
    ['203.0.113.7/32', 32, 0xcb007107n],
    ['203.0.113.7/24', 32, 0xcb007100n],
    ['::/0', 128, 0n],
    ['::1/128', 128, 1n],
    ['2001:db8::/32', 128, 0x20010db8000000000000000000000000n],
    ['2001:db8:1:2:3:4:5:6/64', 128, 0x20010db8000100020000000000000000n],
    ['1:2:3:4:5:6:7::/128', 128, 0x00010002000300040005000600070000n],
    ['::ffff:cb00:7107/128', 128, 0xffffcb007107n],
  ])('%s', (text, width, bits) => {
    expect(parseNetwork(text)).toEqual({ width, prefix: Number(text.split('/')[1]), bits });
  });
});
