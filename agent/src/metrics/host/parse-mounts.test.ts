import { describe, expect, it } from 'vitest';
import { parseMounts } from './parse-mounts.ts';
import { readProcOf } from './testing/kernel-files.ts';

describe('parseMounts', () => {
  it.each([
    ['linux-3.2-i686', 11],
    ['linux-3.10-centos7', 18],
    ['linux-4.19-debian10', 14],
    ['linux-5.15-ubuntu22', 17],
    ['linux-6.1-debian12-arm64', 7],
    ['linux-6.18-microvm', 20],
  ])('reads every line of %s', (host, count) => expect(parseMounts(readProcOf(host, '1/mounts'))).toHaveLength(count));

  it.each([
    ['/dev/sda1 / ext4 rw,relatime 0 0', { source: '/dev/sda1', mountPoint: '/', type: 'ext4', isReadOnly: false }],
    [
      '/dev/sdb1 /srv/my\\040backup\\011\\134\\043 xfs ro,relatime 0 0',
      { source: '/dev/sdb1', mountPoint: '/srv/my backup\t\\#', type: 'xfs', isReadOnly: true },
    ],
    // `errors=remount-ro` says what would happen.
    [
      '/dev/sda1 / ext4 rw,errors=remount-ro 0 0',
      { source: '/dev/sda1', mountPoint: '/', type: 'ext4', isReadOnly: false },
    ],
    [
      '//server/daten /mnt/größe cifs rw 0 0',
      { source: '//server/daten', mountPoint: '/mnt/größe', type: 'cifs', isReadOnly: false },
    ],
  ])('reads %s', (line, mount) => expect(parseMounts(`${line}\n`)).toEqual([mount]));

  it.each(['', '\n\n', 'one two three\n'])('finds nothing in %j', (text) => expect(parseMounts(text)).toEqual([]));
});
