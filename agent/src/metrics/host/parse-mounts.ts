export interface Mount {
  /** The device, or whatever the kind of file system calls its source. */
  readonly source: string;
  readonly mountPoint: string;
  /** `ext4`, `overlay`, … */
  readonly type: string;
  readonly isReadOnly: boolean;
}

/** `/proc/<pid>/mounts`, in the order in which they were mounted; fstab(5). */
export function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [source, mountPoint, type, options] = line.split(' ', 4);
    if (source === undefined || mountPoint === undefined || type === undefined || options === undefined) continue;
    mounts.push({
      source: decodeOctal(source),
      mountPoint: decodeOctal(mountPoint),
      type,
      isReadOnly: options === 'ro' || options.startsWith('ro,'),
    });
  }
  return mounts;
}

/** The kernel writes space, tab, line feed, backslash and # as three octal digits. */
function decodeOctal(value: string): string {
  return value.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
