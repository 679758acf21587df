import type { ChooseNames } from './choose-names.ts';

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
 * `/proc/diskstats` by the device's name. Kernels have 14 columns, 18 since 4.18 (discards) and 20 since 5.5 (flushes);
 * those that are read here have always been the same ones. https://docs.kernel.org/admin-guide/iostats.html
 *
 * @param choose of all devices, partitions and virtual ones too, those to read
 */
export function parseDiskstats(text: string, choose: ChooseNames): Map<string, DiskCounters> {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const name = /^ *\d+ +\d+ (\S+) /.exec(line)?.[1];
    if (name !== undefined) lines.set(name, line);
  }
  const disks = new Map<string, DiskCounters>();
  for (const name of choose([...lines.keys()])) {
    const counters = parseCounters(lines.get(name) ?? '');
    if (counters !== null) disks.set(name, counters);
  }
  return disks;
}

function parseCounters(line: string): DiskCounters | null {
  const columns = line.trim().split(/ +/);
  const at = (column: number): number => Number(columns[column]);
  const counters = { reads: at(3), readSectors: at(5), writes: at(7), writtenSectors: at(9), busyMs: at(12) };
  return columns.length >= 14 && Object.values(counters).every((count) => count >= 0) ? counters : null;
}
