import { describe, expect, it } from 'vitest';
import { choosePhysicalInterfaces } from './choose-physical-interfaces.ts';
import { parseNetDev } from './parse-net-dev.ts';
import { readProcOf } from './testing/kernel-files.ts';

const namesOf = (host: string): string[] => [...parseNetDev(readProcOf(host, '1/net/dev'), (names) => names).keys()];

describe('choosePhysicalInterfaces', () => {
  it.each([
    ['linux-3.2-i686', ['eth0']],
    ['linux-3.10-centos7', ['ens192']],
    ['linux-4.19-debian10', ['enp65s0f0', 'enp65s0f1']],
    ['linux-5.15-ubuntu22', ['eth0']],
    ['linux-6.1-debian12-arm64', ['end0', 'wlan0']],
    ['linux-6.18-microvm', ['eth0']],
  ])('goes by names on %s without /sys', (host, interfaces) =>
    expect(choosePhysicalInterfaces(namesOf(host), null)).toEqual(interfaces),
  );

  it.each<[string, string[], Record<string, { master?: string }>, string[]]>([
    ['virtio and what Docker makes', ['lo', 'eth0', 'docker0', 'veth1', 'br-1'], { eth0: {} }, ['eth0']],
    ['a name that looks virtual', ['lo', 'team-uplink'], { 'team-uplink': {} }, ['team-uplink']],
    [
      'the parts of a bond, and not the bond',
      ['a', 'b', 'bond0'],
      { a: { master: 'bond0' }, b: { master: 'bond0' } },
      ['a', 'b'],
    ],
    ['a port of a bridge', ['eth0', 'br0'], { eth0: { master: 'br0' } }, ['eth0']],
    [
      'a virtual function counted by its synthetic interface',
      ['eth0', 'enP1s1'],
      { eth0: {}, enP1s1: { master: 'eth0' } },
      ['eth0'],
    ],
    ['a host that is a container: by names', ['lo', 'eth0', 'docker0'], {}, ['eth0']],
    ['nothing but loopback', ['lo'], {}, []],
  ])('goes by /sys: %s', (_, names, withDevice, interfaces) =>
    expect(
      choosePhysicalInterfaces(names, (name) => ({
        hasDevice: name in withDevice,
        hasMasterWithDevice: (withDevice[name]?.master ?? '') in withDevice,
      })),
    ).toEqual(interfaces),
  );
});
