/** What version 1 says for "no limit": the largest number of pages (2^63 rounded down to 4096). */
const NO_LIMIT = 2 ** 60;

/** A file with one number; null for anything else. */
export function parseCount(text: string | null): number | null {
  return text !== null && /^\d+\n?$/.test(text) ? Number(text) : null;
}

/** A limit; null where there is none (`max`, or a number that no machine has). */
export function parseLimit(text: string | null): number | null {
  const limit = parseCount(text);
  return limit === null || limit >= NO_LIMIT ? null : limit;
}

/** One value of a file of lines `key value`. */
export function parseKeyed(text: string | null, key: string): number | null {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return line === undefined ? null : parseCount(line.slice(key.length + 1));
}

export interface BlockCounters {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Version 1, `blkio.throttle.io_service_bytes`: lines `8:0 Read 4096` of each device. Nothing yet is an empty file. */
export function parseServiceBytes(text: string | null): BlockCounters | null {
  if (text === null) return null;
  const sum = (operation: string): number =>
    [...text.matchAll(new RegExp(`^\\d+:\\d+ ${operation} (\\d+)$`, 'gm'))].reduce(
      (total, [, bytes]) => total + Number(bytes),
      0,
    );
  return { readBytes: sum('Read'), writtenBytes: sum('Write') };
}

/** Version 2, `io.stat`: lines `8:0 rbytes=4096 wbytes=0 …` of each device. */
export function parseIoStat(text: string | null): BlockCounters | null {
  if (text === null) return null;
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(` ${name}=(\\d+)`, 'g'))].reduce((total, [, bytes]) => total + Number(bytes), 0);
  return { readBytes: sum('rbytes'), writtenBytes: sum('wbytes') };
}
