import { describe, expect, it } from 'vitest';
import { parseDiskstats } from './parse-diskstats.ts';
import { readProcOf } from './testing/kernel-files.ts';

const all = (names: readonly string[]): readonly string[] => names;

describe('parseDiskstats', () => {
  it.each([
    ['14 columns', 'linux-3.2-i686', 'sda', [220_114, 8_120_334, 811_200, 4_294_801_200, 2_011_200]],
    ['14 columns', 'linux-3.10-centos7', 'dm-0', [1_190_200, 87_890_120, 10_601_220, 300_112_200, 31_190_200]],
    ['18 columns', 'linux-4.19-debian10', 'nvme0n1', [8_120_334, 912_033_440, 22_033_441, 1_812_033_440, 12_033_440]],
    ['20 columns', 'linux-5.15-ubuntu22', 'vda', [412_033, 33_120_334, 912_033, 88_120_334, 612_033]],
    ['20 columns', 'linux-6.1-debian12-arm64', 'mmcblk0', [41_203, 3_120_334, 22_033, 1_203_344, 120_334]],
    ['20 columns', 'linux-6.18-microvm', 'vda', [1_152_142, 31_361_378, 2_376_225, 175_001_544, 430_884]],
  ])('reads %s of %s', (_, host, name, [reads, readSectors, writes, writtenSectors, busyMs]) =>
    expect(parseDiskstats(readProcOf(host, 'diskstats'), all).get(name)).toEqual({
      reads,
      readSectors,
      writes,
      writtenSectors,
      busyMs,
    }),
  );

  it('reads the devices that are chosen of all', () => {
    const seen: string[] = [];
    const disks = parseDiskstats(readProcOf('linux-3.10-centos7', 'diskstats'), (names) => {
      seen.push(...names);
      return ['sda', 'not there'];
    });
    expect(seen).toEqual(['sr0', 'sda', 'sda1', 'sda2', 'dm-0', 'dm-1']);
    expect([...disks.keys()]).toEqual(['sda']);
  });

  it('keeps a slash in the name', () => {
    expect([...parseDiskstats(' 104 0 cciss/c0d0 1 0 8 1 1 0 8 1 0 2 2\n', all).keys()]).toEqual(['cciss/c0d0']);
  });

  it.each([
    ['nothing', ''],
    ['seven columns, as partitions had in Linux 2.6', '   8       1 sda1 10 20 30 40\n'],
    ['a negative number', '   8       0 sda -1 0 8 1 1 0 8 1 0 2 2\n'],
    ['no numbers', 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen\n'],
  ])('finds no disk in %s', (_, text) => expect(parseDiskstats(text, all).size).toBe(0));
});
