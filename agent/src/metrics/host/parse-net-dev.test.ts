import { describe, expect, it } from 'vitest';
import { parseNetDev } from './parse-net-dev.ts';
import { readProcOf } from './testing/kernel-files.ts';

const all = (names: readonly string[]): readonly string[] => names;

describe('parseNetDev', () => {
  it.each([
    ['linux-3.2-i686', ['lo', 'eth0']],
    ['linux-3.10-centos7', ['lo', 'ens192', 'docker0', 'veth3f1a2b0']],
    ['linux-4.19-debian10', ['lo', 'enp65s0f0', 'enp65s0f1', 'bond0', 'bond0.100', 'br0', 'vnet0']],
    ['linux-5.15-ubuntu22', ['lo', 'eth0', 'wg0', 'br-5f3c0a1b2c3d', 'docker0', 'vethc01dbee']],
    ['linux-6.1-debian12-arm64', ['lo', 'end0', 'wlan0']],
    ['linux-6.18-microvm', ['lo', 'ifb0', 'ifb1', 'eth0', 'docker0']],
  ])('finds the interfaces of %s', (host, names) =>
    expect([...parseNetDev(readProcOf(host, '1/net/dev'), all).keys()]).toEqual(names),
  );

  it('reads both directions, their errors and drops together', () => {
    expect(parseNetDev(readProcOf('linux-3.2-i686', '1/net/dev'), all).get('eth0')).toEqual({
      receivedBytes: 4_294_900_000,
      receivedPackets: 9_120_334,
      transmittedBytes: 1_203_311_220,
      transmittedPackets: 7_120_334,
      errors: 3 + 1,
      drops: 120,
    });
  });

  it('reads the interfaces that are chosen of all', () => {
    const text = readProcOf('linux-5.15-ubuntu22', '1/net/dev');
    expect([...parseNetDev(text, (names) => names.filter((name) => name === 'eth0')).keys()]).toEqual(['eth0']);
  });

  it('reads a large number that touches the name', () => {
    const line = '  eth0:3120334412 5 0 0 0 0 0 0 7 6 0 0 0 0 0 0\n';
    expect(parseNetDev(line, all).get('eth0')).toMatchObject({ receivedBytes: 3_120_334_412, transmittedBytes: 7 });
  });

  it.each([
    ['nothing', ''],
    ['headings alone', readProcOf('linux-3.2-i686', '1/net/dev').split('\n').slice(0, 2).join('\n')],
    ['too few columns', '  eth0: 1 2 3\n'],
    ['a negative number', '  eth0: -1 5 0 0 0 0 0 0 7 6 0 0 0 0 0 0\n'],
  ])('finds no interface in %s', (_, text) => expect(parseNetDev(text, all).size).toBe(0));
});
