import { describe, expect, it } from 'vitest';
import { chooseFileSystems } from './choose-file-systems.ts';
import { parseMounts } from './parse-mounts.ts';
import { readProcOf } from './testing/kernel-files.ts';

const chosen = (text: string): string[] => chooseFileSystems(parseMounts(text)).map(({ mountPoint }) => mountPoint);

describe('chooseFileSystems', () => {
  it.each([
    ['linux-3.2-i686', ['/']],
    ['linux-3.10-centos7', ['/', '/boot']],
    ['linux-4.19-debian10', ['/', '/srv/backup old', '/tank', '/tank/data']],
    ['linux-5.15-ubuntu22', ['/', '/boot/efi', '/var/lib/docker']],
    ['linux-6.1-debian12-arm64', ['/', '/boot/firmware']],
    ['linux-6.18-microvm', ['/']],
  ])('chooses of %s', (host, mountPoints) => expect(chosen(readProcOf(host, '1/mounts'))).toEqual(mountPoints));

  it.each([
    ['the root alone when no mounts can be read', '', ['/']],
    [
      'the root of a container, and none of the files that Docker mounts into it',
      'overlay / overlay rw 0 0\n/dev/sda1 /etc/hosts ext4 rw 0 0\n/dev/sda1 /etc/resolv.conf ext4 rw 0 0\n',
      ['/'],
    ],
    [
      'the shortest place of a device, whatever came first',
      '/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /var/lib/kubelet/pods/1/volume xfs rw 0 0\n/dev/sdb1 /data xfs rw 0 0\n',
      ['/', '/data'],
    ],
    [
      'what was mounted last on a place',
      '/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /mnt ext4 rw 0 0\nserver:/x /mnt nfs4 rw 0 0\n',
      ['/'],
    ],
    [
      'no automatic mount, which asking would set off',
      '/dev/sda1 / ext4 rw 0 0\nsystemd-1 /mnt/x autofs rw 0 0\n',
      ['/'],
    ],
  ])('chooses %s', (_, text, mountPoints) => expect(chosen(text)).toEqual(mountPoints));

  it.each(['nfs', 'nfs4', 'cifs', 'smb3', 'fuse.sshfs', 'fuse.glusterfs', 'ceph', '9p', 'afs', 'lustre', 'fuse'])(
    'never asks %s, which may not answer',
    (type) => expect(chosen(`/dev/sda1 / ext4 rw 0 0\nserver:/x /mnt/x ${type} rw 0 0\n`)).toEqual(['/']),
  );

  it.each(['tmpfs', 'devtmpfs', 'overlay', 'aufs', 'squashfs', 'nsfs', 'proc', 'sysfs', 'cgroup2', 'iso9660', 'ramfs'])(
    'leaves out %s, which is not kept on a disk or never fills up',
    (type) => expect(chosen(`/dev/sda1 / ext4 rw 0 0\nx /mnt/x ${type} rw 0 0\n`)).toEqual(['/']),
  );

  it('says which can fill up: an image of /usr is full by design', () => {
    const mounts = parseMounts('/dev/sda9 / ext4 rw 0 0\n/dev/dm-0 /usr ext4 ro 0 0\n/dev/sdb1 /data xfs rw 0 0\n');
    expect(chooseFileSystems(mounts)).toEqual([
      { mountPoint: '/', canFillUp: true },
      { mountPoint: '/usr', canFillUp: false },
      { mountPoint: '/data', canFillUp: true },
    ]);
  });

  it('bounds their number, and keeps the root', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `/dev/disk${index} /mnt/${index} ext4 rw 0 0\n`);
    const mountPoints = chosen([...lines, '/dev/sda1 / ext4 rw 0 0\n'].join(''));
    expect(mountPoints).toHaveLength(64);
    expect(mountPoints.slice(0, 3)).toEqual(['/', '/mnt/0', '/mnt/1']);
  });
});
