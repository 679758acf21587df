import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@flotilla/runtime';

/** The text of a file below the folder; null when it cannot be read, which is said once in the log. */
export type KernelFileReader = (path: string, kind?: 'required' | 'optional') => string | null;

const FIRST_BUFFER_BYTES = 32 * 1024;
/** Thousands of containers make a list of mounts of a megabyte. */
const LARGEST_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads files that the kernel makes up when they are read. They come from memory, not from a disk, so they are read at once:
 * ten of them take 0.13 ms that way, and 1.6 ms by way of the thread pool, which a file system that hangs can stop. One
 * buffer serves all, because their sizes are not known before.
 */
export function createKernelFileReader(folder: string, logger: Logger): KernelFileReader {
  let buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  const unreadable = new Set<string>();

  const readWhole = (file: string): string => {
    const descriptor = openSync(file, 'r');
    try {
      let length = 0;
      for (;;) {
        const count = readSync(descriptor, buffer, length, buffer.length - length, null);
        if (count === 0) return buffer.toString('utf8', 0, length);
        length += count;
        if (length === buffer.length) buffer = enlarge(buffer, file);
      }
    } finally {
      closeSync(descriptor);
    }
  };

  return (path, kind = 'required') => {
    const file = join(folder, path);
    try {
      const text = readWhole(file);
      unreadable.delete(path);
      return text;
    } catch (error) {
      if (!unreadable.has(path)) {
        unreadable.add(path);
        const level = kind === 'optional' && isNotThere(error) ? 'debug' : 'warn';
        logger[level]({ file, err: error }, 'cannot be read; its figures are unknown');
      }
      return null;
    }
  };
}

function enlarge(buffer: Buffer<ArrayBuffer>, file: string): Buffer<ArrayBuffer> {
  if (buffer.length >= LARGEST_FILE_BYTES) throw new RangeError(`${file} is larger than ${LARGEST_FILE_BYTES} bytes`);
  const larger = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}

/** Pressure information that was not chosen at boot has files that cannot be read. */
function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EOPNOTSUPP'].includes(String(error.code));
}
