import type { Mount } from './parse-mounts.ts';

export interface FileSystem {
  readonly mountPoint: string;
  /** One that is mounted to be read only, such as an image of `/usr`, is full by design. */
  readonly canFillUp: boolean;
}

/** More than a host of ours has; each costs a system call. */
const MAX_FILE_SYSTEMS = 64;

/**
 * Kinds that keep their data on a disk of this host. All others are left alone: in memory (tmpfs), made of others (overlay),
 * images (squashfs), or on another machine, where the question how full they are may never be answered (nfs, cifs, fuse.*).
 * `fuseblk` is NTFS and exFAT in user space.
 */
const LOCAL_TYPES: ReadonlySet<string> = new Set(
  'ext2 ext3 ext4 xfs btrfs bcachefs zfs f2fs jfs nilfs2 reiserfs vfat exfat ntfs ntfs3 fuseblk hfsplus ufs'.split(' '),
);

/** Files of the host that Docker mounts into each container, one by one. */
const MOUNTED_FILES: ReadonlySet<string> = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']);

/**
 * The file systems that can be full, each once however often it is mounted (bind mounts, subvolumes), by its shortest mount
 * point. The root is always the first, of whatever kind it is.
 */
export function chooseFileSystems(mounts: readonly Mount[]): FileSystem[] {
  // What was mounted last on a place is what one sees there.
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  const root = visible.get('/');
  const bySource = new Map<string, Mount>();
  for (const mount of visible.values()) {
    if (!LOCAL_TYPES.has(mount.type) || MOUNTED_FILES.has(mount.mountPoint)) continue;
    if (mount.mountPoint === '/' || mount.source === root?.source) continue;
    const known = bySource.get(mount.source);
    if (known === undefined || mount.mountPoint.length < known.mountPoint.length) bySource.set(mount.source, mount);
  }
  const others = [...bySource.values()].map(({ mountPoint, isReadOnly }) => ({ mountPoint, canFillUp: !isReadOnly }));
  return [{ mountPoint: '/', canFillUp: true }, ...others].slice(0, MAX_FILE_SYSTEMS);
}
