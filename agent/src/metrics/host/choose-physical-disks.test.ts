import { describe, expect, it } from 'vitest';
import { choosePhysicalDisks } from './choose-physical-disks.ts';
import { parseDiskstats } from './parse-diskstats.ts';
import { readProcOf } from './testing/kernel-files.ts';

const namesOf = (host: string): string[] => [...parseDiskstats(readProcOf(host, 'diskstats'), (names) => names).keys()];

describe('choosePhysicalDisks', () => {
  it.each([
    ['linux-3.2-i686', ['sda']],
    ['linux-3.10-centos7', ['sda']],
    ['linux-4.19-debian10', ['nvme0n1', 'nvme1n1', 'nvme2c33n1']],
    ['linux-5.15-ubuntu22', ['vda', 'vdb']],
    ['linux-6.1-debian12-arm64', ['mmcblk0']],
    ['linux-6.18-microvm', ['vda']],
  ])('goes by names on %s without /sys', (host, disks) =>
    expect(choosePhysicalDisks(namesOf(host), null)).toEqual(disks),
  );

  it.each([
    ['a disk of a kind that has no rule', ['newdisk0'], ['newdisk0'], ['newdisk0']],
    ['partitions, which /sys/block does not list', ['sda', 'sda1'], ['sda'], ['sda']],
    ['what is made of disks', ['sda', 'dm-0', 'md0', 'loop0', 'zram0', 'ram0'], ['sda'], ['sda']],
    ['a drive for CDs', ['sr0', 'sda'], ['sr0', 'sda'], ['sda']],
    ['a volume on another machine', ['rbd0', 'xvda'], ['rbd0', 'xvda'], ['rbd0', 'xvda']],
    ['NVMe with one path', ['nvme0n1', 'nvme0n1p1'], ['nvme0n1'], ['nvme0n1']],
    [
      'NVMe with two paths, which newer kernels count as a whole too',
      ['nvme0c0n1', 'nvme0c1n1', 'nvme0n1', 'nvme1n1'],
      ['nvme0c0n1', 'nvme0c1n1', 'nvme0n1', 'nvme1n1'],
      ['nvme0c0n1', 'nvme0c1n1', 'nvme1n1'],
    ],
    ['no disk at all', ['loop0'], [], []],
  ])('goes by /sys: %s', (_, names, withDevice, disks) =>
    expect(choosePhysicalDisks(names, (name) => withDevice.includes(name))).toEqual(disks),
  );
});
