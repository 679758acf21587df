import { describe, expect, it } from 'vitest';
import { cidr } from './cidr.ts';
import { host } from './host.ts';
import { ipAddress } from './ip-address.ts';
import { port } from './port.ts';

describe('port', () => {
  it.each([1, 80, 65_535])('takes %d', (value) => expect(port.parse(value)).toBe(value));
  it.each([0, -1, 65_536, 1.5, Number.NaN, Infinity, '80', null])('refuses %j', (value) => {
    expect(port.safeParse(value).error?.issues[0]?.message).toBe('must be a whole number from 1 to 65535');
  });
});

describe('ipAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:DB8:0::7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '::ffff:cb00:7107'],
  ])('reads %s as %s', (typed, address) => expect(ipAddress.parse(typed)).toBe(address));

  it.each(['1', '010.0.0.1', '256.0.0.1', '1.2.3', '0x7f.0.0.1', 'fe80::1%eth0', '::1]:80/[::', 'example.com', ''])(
    'refuses %j',
    (typed) => expect(ipAddress.safeParse(typed).success).toBe(false),
  );
});

describe('cidr', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('reads %s as %s', (typed, expected) => expect(cidr.parse(typed)).toBe(expected));

  it.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/8/8', 'all', '1.1.1.1;', ''])(
    'refuses %j',
    (typed) => expect(cidr.safeParse(typed).success).toBe(false),
  );
});

describe('host', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['Backend.Internal', 'backend.internal'],
    ['my_service', 'my_service'],
    ['db_1.my_net', 'db_1.my_net'],
  ])('reads %s as %s', (typed, expected) => expect(host.parse(typed)).toBe(expected));

  it.each([
    'unix:/var/run/docker.sock',
    'http://a.example',
    'a.example:80',
    '*.example.com',
    'a b',
    'a;b',
    '',
    '_'.repeat(300),
  ])('refuses %j', (typed) => expect(host.safeParse(typed).success).toBe(false));
});
