import { expect, it } from 'vitest';
import { compareAddress, compareText } from './compare-text.ts';

it('orders texts by code units', () => {
  expect(['b', 'a', '', 'B', 'ab', 'a'].toSorted(compareText)).toEqual(['', 'B', 'a', 'a', 'ab', 'b']);
});

it('orders addresses as collation does', () => {
  const addresses = '0.0.0.0 :: ::1 127.0.0.1 fd00::2 fd00:1::2 10.0.0.2 10.0.0.10 2001:db8::1 192.168.1.1 fe80::a 1::';
  const expected = addresses.split(' ').toSorted((a, b) => a.localeCompare(b, 'en'));
  expect(addresses.split(' ').toSorted(compareAddress)).toEqual(expected);
  expect(addresses.split(' ').toSorted(compareText)).not.toEqual(expected);
});
