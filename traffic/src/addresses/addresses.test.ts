import { isIP, isIPv4 } from 'node:net';
import { canonicalIpAddress, clientKey, PARTITIONS } from '@flotilla/contracts';
import { createRandom } from '@flotilla/contracts/testing';
import { describe, expect, it } from 'vitest';
import { cidrOf, containsAddress, containsCidr, formatCidr, overlaps, parseCidr } from './cidr.ts';
import { clientHigh, clientKeyOf, clientLow, networkOfClient, suspectsPartition } from './client-network.ts';
import { formatAddress } from './format-address.ts';
import { isNeverBanned, whyNeverBanned } from './never-banned.ts';
import { parseAddress, readAddress } from './parse-address.ts';

function readAndFormat(text: string): string | null {
  const words = parseAddress(text);
  return words === null ? null : formatAddress(words);
}

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::203.0.113.7', '::cb00:7107'],
    ['64:ff9b::203.0.113.7', '64:ff9b::cb00:7107'],
    ['1:2:3:4:5:6:203.0.113.7', '1:2:3:4:5:6:cb00:7107'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ])('%s is read as %s', (text, canonical) => expect(readAndFormat(text)).toBe(canonical));

  it.each([
    '',
    '-',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '256.0.0.1',
    '010.0.0.1',
    '00.0.0.0',
    '1.2.3.4 ',
    '0x7f.0.0.1',
    '1.2.3.+4',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4::',
    'fe80::1%eth0',
    '[::1]',
    '::1/64',
    'g::',
    '::ffff:256.0.0.1',
    '::\u0130',
    'localhost',
    '1'.repeat(100),
    ':'.repeat(45),
  ])('%j is none', (text) => expect(parseAddress(text)).toBeNull());

  it('is read as Node reads it, from any bytes and back', () => {
    const random = createRandom(20_261_124);
    const wrong: string[] = [];
    let taken = 0;
    for (let round = 0; round < 100_000; round += 1) {
      const parts = Array.from({ length: random.between(1, 9) }, () =>
        random.pick('', '0', '1', 'ffff', 'db8', '10', '255', '256', '0a', '1.2.3.4', '192.168.1.1'),
      );
      const text = parts.join(random.pick(':', ':', '.'));
      const read = readAndFormat(text);
      if (read !== null) taken += 1;
      const isMapped = read !== null && isIPv4(read) && text.includes(':');
      const expected = isIP(text) === 0 ? null : isMapped ? read : canonicalIpAddress(text);
      if (read !== expected) wrong.push(`${text} is read as ${String(read)}, not ${String(expected)}`);
    }
    expect(wrong).toEqual([]);
    expect(taken).toBeGreaterThan(2000);
  });

  it('is read from the middle of a line', () => {
    const words = new Uint32Array(4);
    const line = Buffer.from('"2001:db8::7"203.0.113.7"');
    expect(readAddress(line, 1, 12, words)).toBe(true);
    expect(formatAddress(words)).toBe('2001:db8::7');
    expect(readAddress(line, 13, 24, words)).toBe(true);
    expect(formatAddress(words)).toBe('203.0.113.7');
    expect(readAddress(line, 0, 12, words)).toBe(false);
  });
});

describe('a network', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.7/24', '203.0.113.0/24'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24'],
    ['2001:db8:1:2:3::/64', '2001:db8:1:2::/64'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['203.0.113.7/33', null],
    ['203.0.113.7/024', null],
    ['203.0.113.7/', null],
    ['::/129', null],
    ['x/8', null],
  ])('%s is read as %j', (text, canonical) => {
    const parsed = parseCidr(text);
    expect(parsed === null ? null : formatCidr(parsed)).toBe(canonical);
  });

  it.each([
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['203.0.113.0/24', '203.0.112.0/23', false],
    ['203.0.112.0/23', '203.0.113.0/24', true],
    ['203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::/0', '203.0.113.7', true],
  ])('%s contains %s: %j', (outer, inner, isWithin) => {
    expect(containsCidr(cidrOf(outer), cidrOf(inner))).toBe(isWithin);
    expect(overlaps(cidrOf(inner), cidrOf(outer))).toBe(isWithin || containsCidr(cidrOf(inner), cidrOf(outer)));
  });

  it('is asked for one address without a network being made', () => {
    const words = new Uint32Array([0, 0, 0xffff, 0xcb007107]);
    expect(containsAddress(cidrOf('203.0.113.0/24'), words)).toBe(true);
    expect(containsAddress(cidrOf('203.0.114.0/24'), words)).toBe(false);
  });
});

describe('a client', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8::/64', '2001:db8::/64'],
  ])('%s is %s in %s', (address, key, network) => {
    const client = clientKeyOf(address);
    expect(client).toBe(key);
    expect(clientKey.safeParse(client).success).toBe(true);
    const found = networkOfClient(key);
    expect(found === null ? null : formatCidr(found)).toBe(network);
  });

  it('is nobody without an address', () => {
    expect(clientKeyOf('-')).toBeNull();
    expect(networkOfClient('unix:')).toBeNull();
    expect(() => suspectsPartition('unix:')).toThrow('unix: is not a client');
  });

  it('has 64 bits of its own', () => {
    const keys = ['203.0.113.7', '203.0.113.8', '2001:db8:1:2::', '2001:db8:1:3::', '0:1:cb00:7107::'].map((text) => {
      const words = parseAddress(text) ?? new Uint32Array(4);
      return `${clientHigh(words)} ${clientLow(words)}`;
    });
    expect(new Set(keys).size).toBe(keys.length);
    const [one, other] = ['2001:db8:1:2::7', '2001:db8:1:2:ffff::'].map((text) => parseAddress(text));
    expect(clientLow(one ?? new Uint32Array(4))).toBe(clientLow(other ?? new Uint32Array(4)));
  });

  it('travels with its whole network, and networks travel apart', () => {
    const partitions = Array.from({ length: 256 }, (_, last) => suspectsPartition(`203.0.113.${last}`));
    expect(new Set(partitions).size).toBe(1);
    const ofNetworks = Array.from({ length: 2000 }, (_, index) =>
      suspectsPartition(`198.${index >> 8}.${index & 255}.1`),
    );
    expect(new Set(ofNetworks).size).toBe(PARTITIONS);
  });
});

describe('who is never banned', () => {
  it.each([
    ['10.1.2.3', 'private (RFC 1918)'],
    ['172.31.255.255', 'private (RFC 1918)'],
    ['172.32.0.0', null],
    ['192.168.0.1', 'private (RFC 1918)'],
    ['127.0.0.1', 'loopback (RFC 1122)'],
    ['::ffff:127.0.0.1', 'loopback (RFC 1122)'],
    ['169.254.169.254', 'link-local (RFC 3927)'],
    ['100.64.0.1', 'shared behind a carrier’s translation (RFC 6598)'],
    ['224.0.0.1', 'multicast (RFC 5771)'],
    ['255.255.255.255', 'reserved, and broadcast (RFC 1112, RFC 919)'],
    ['0.0.0.0', 'this network (RFC 791)'],
    ['::1', 'unspecified and loopback (RFC 4291)'],
    ['64:ff9b::/64', 'everybody behind a translation to IPv4 (RFC 6052)'],
    ['2001:0:53aa:64c::/64', 'everybody behind a Teredo server (RFC 4380)'],
    ['fd00::1', 'private (RFC 4193)'],
    ['fe80::1', 'link-local (RFC 4291)'],
    ['ff02::1', 'multicast (RFC 4291)'],
    ['203.0.113.7', null],
    ['198.51.100.0/24', null],
    ['198.18.0.1', null],
    ['2001:db8::/64', null],
    ['8.8.8.8', null],
  ])('%s: %j', (target, why) => expect(whyNeverBanned(cidrOf(target), [])).toBe(why));

  it('is who is listed, and the network that one of them is in', () => {
    const exempt = [{ network: cidrOf('203.0.113.7'), why: 'an agent’s' }];
    expect(whyNeverBanned(cidrOf('203.0.113.7'), exempt)).toBe('an agent’s');
    expect(isNeverBanned(cidrOf('203.0.113.0/24'), exempt)).toBe(true);
    expect(isNeverBanned(cidrOf('203.0.113.8'), exempt)).toBe(false);
    expect(isNeverBanned(cidrOf('::/64'), [])).toBe(true);
    expect(isNeverBanned(cidrOf('2001:db8::/64'), [{ network: cidrOf('2001:db8::7'), why: 'allowed' }])).toBe(true);
  });
});
