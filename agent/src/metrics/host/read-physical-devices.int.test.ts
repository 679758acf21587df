import { describe, expect, it } from 'vitest';
import { readPhysicalDisks, readPhysicalInterfaces, rememberDevices } from './read-physical-devices.ts';
import { createHostFolder } from './testing/host-folder.ts';

describe('readPhysicalDisks', () => {
  it('finds the hardware behind a name, with a slash too', async () => {
    await using host = await createHostFolder();
    await host.addDevice('sys/block/cciss!c0d0', { isPhysical: true });
    await host.addDevice('sys/block/sdx', { isPhysical: false });
    expect(readPhysicalDisks(host.root, ['cciss/c0d0', 'cciss/c0d0p1', 'sdx'])).toEqual(['cciss/c0d0']);
  });

  it('goes by names where there is no /sys', async () => {
    await using host = await createHostFolder();
    expect(readPhysicalDisks(host.root, ['cciss/c0d0', 'cciss/c0d0p1', 'sdx', 'sdx1'])).toEqual(['cciss/c0d0', 'sdx']);
  });
});

describe('readPhysicalInterfaces', () => {
  it('counts a part of a bond, and not a part of an interface with a device', async () => {
    await using host = await createHostFolder();
    await host.addDevice('sys/class/net/bond0', { isPhysical: false });
    await host.addDevice('sys/class/net/eth0', { isPhysical: true, master: 'bond0' });
    await host.addDevice('sys/class/net/eth1', { isPhysical: true });
    await host.addDevice('sys/class/net/enP1s1', { isPhysical: true, master: 'eth1' });
    const names = ['lo', 'bond0', 'eth0', 'eth1', 'enP1s1'];
    expect(readPhysicalInterfaces(host.root, names)).toEqual(['eth0', 'eth1']);
  });

  it('goes by names where there is no /sys', async () => {
    await using host = await createHostFolder();
    expect(readPhysicalInterfaces(host.root, ['lo', 'eth0', 'veth12'])).toEqual(['eth0']);
  });
});

describe('rememberDevices', () => {
  it('asks again for other names, and when it was told to forget', () => {
    let asked = 0;
    const { choose, forget } = rememberDevices((names) => {
      asked += 1;
      return names.filter((name) => name !== 'lo');
    });
    expect([choose(['lo', 'eth0']), choose(['lo', 'eth0'])]).toEqual([['eth0'], ['eth0']]);
    expect(asked).toBe(1);
    expect(choose(['lo', 'eth0', 'eth1'])).toEqual(['eth0', 'eth1']);
    forget();
    choose(['lo', 'eth0', 'eth1']);
    expect(asked).toBe(3);
  });
});
