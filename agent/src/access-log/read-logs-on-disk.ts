import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HEAD_BYTES } from './log-position.ts';
import type { LogOnDisk } from './plan-openings.ts';

/** Rotation takes a few renames; this many looks in a row meet one that is none. */
const MAX_LOOKS = 20;

/** The log and its rotated files, `<file>.1` and so on. @throws when they never stand still, or cannot be read */
export async function readLogsOnDisk(file: string): Promise<LogOnDisk[]> {
  for (let look = 1; look <= MAX_LOOKS; look += 1) {
    const [before, logs, after] = [await listInodes(file), await readAll(file), await listInodes(file)];
    // Files that are renamed meanwhile would show twice, or not at all.
    if (before === after && logs !== null) return logs;
  }
  throw new Error(`${file} is rotated all the time`);
}

export function pathOf(file: string, number: number): string {
  return number === 0 ? file : `${file}.${number}`;
}

/** Numbers of the files that are there: 0 is the log itself. */
async function listNumbers(file: string): Promise<number[]> {
  const name = basename(file);
  const rotated = (await readdir(dirname(file))).flatMap((entry) => {
    if (entry === name) return [0];
    const number = entry.startsWith(`${name}.`) ? entry.slice(name.length + 1) : '';
    return /^[1-9]\d{0,2}$/.test(number) ? [Number(number)] : [];
  });
  return rotated.toSorted((a, b) => a - b);
}

async function listInodes(file: string): Promise<string> {
  const numbers = await listNumbers(file);
  const inodes = await Promise.all(
    numbers.map(async (number) => `${number}:${(await readInode(pathOf(file, number))) ?? ''}`),
  );
  return inodes.join(' ');
}

/** Null when there is no such file. */
export async function readInode(path: string): Promise<string | null> {
  try {
    return String((await stat(path, { bigint: true })).ino);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Null when one of them went away meanwhile. */
async function readAll(file: string): Promise<LogOnDisk[] | null> {
  const logs: LogOnDisk[] = [];
  for (const number of await listNumbers(file)) {
    let handle: FileHandle | undefined;
    try {
      handle = await open(pathOf(file, number), 'r');
      const { ino, size, mtimeMs } = await handle.stat({ bigint: true });
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      logs.push({
        number,
        inode: String(ino),
        size: Number(size),
        head: head.subarray(0, bytesRead),
        modifiedAtMs: Number(mtimeMs),
      });
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    } finally {
      await handle?.close();
    }
  }
  return logs;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
