/** Since boot, or since the device was there. A sector is 512 bytes, whatever the disk's own are. */
export interface DiskCounters {
  readonly reads: number;
  readonly readSectors: number;
  readonly writes: number;
  readonly writtenSectors: number;
  /** Milliseconds in which the device had work; 32 bits, so it wraps after 50 days of work. */
  readonly busyMs: number;
}

/**
 * `/proc/diskstats` by the device's name, partitions and virtual devices too. Kernels have 14 columns, 18 since 4.18
 * (discards) and 20 since 5.5 (flushes); those that are read here have always been the same ones.
 * https://docs.kernel.org/admin-guide/iostats.html
 */
export function parseDiskstats(text: string): Map<string, DiskCounters> {
  const disks = new Map<string, DiskCounters>();
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/ +/);
    if (columns.length < 14) continue;
    const at = (column: number): number => Number(columns[column]);
    const counters = { reads: at(3), readSectors: at(5), writes: at(7), writtenSectors: at(9), busyMs: at(12) };
    const name = columns[2];
    if (name !== undefined && Object.values(counters).every((value) => value >= 0)) disks.set(name, counters);
  }
  return disks;
}
