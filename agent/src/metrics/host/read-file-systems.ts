import { stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TimeoutError, withinBound, type Logger } from '@flotilla/runtime';
import type { FileSystem } from './choose-file-systems.ts';
import {
  decideFileSystemUse,
  UNKNOWN_FILE_SYSTEM_USE,
  type FileSystemCounts,
  type FileSystemUse,
} from './decide-file-system-use.ts';

export type FileSystemReading = FileSystem & FileSystemUse;
export type FileSystemReader = (fileSystems: readonly FileSystem[]) => Promise<FileSystemReading[]>;

const ANSWER_BOUND_MS = 500;
/** Each question that is not answered holds one of the four threads that all files of this process are read by. */
const MAX_UNANSWERED = 2;

export interface FileSystemReaderDeps {
  readonly hostRoot: string;
  readonly logger: Logger;
  /** Null: not to be seen from here. */
  readonly ask?: (hostRoot: string, mountPoint: string) => Promise<FileSystemCounts | null>;
}

/**
 * Asks one after the other how full they are. One that does not answer in time (a disk that died) is not asked again while
 * its question is open, and while two are open nobody is asked: unknown, and nothing else waits for them.
 */
export function createFileSystemReader({ hostRoot, logger, ask = askKernel }: FileSystemReaderDeps): FileSystemReader {
  const open = new Map<string, Promise<FileSystemCounts | null>>();
  const failing = new Set<string>();

  const readOne = async (mountPoint: string): Promise<FileSystemUse> => {
    if (open.has(mountPoint) || open.size >= MAX_UNANSWERED) return UNKNOWN_FILE_SYSTEM_USE;
    const question = ask(hostRoot, mountPoint);
    open.set(mountPoint, question);
    const close = (): void => void open.delete(mountPoint);
    question.then(close, close);
    try {
      const counts = await withinBound(`statfs of ${mountPoint}`, ANSWER_BOUND_MS, question);
      failing.delete(mountPoint);
      return counts === null ? UNKNOWN_FILE_SYSTEM_USE : decideFileSystemUse(counts);
    } catch (error) {
      if (!failing.has(mountPoint)) {
        failing.add(mountPoint);
        const level = error instanceof TimeoutError ? 'warn' : 'debug';
        logger[level]({ mountPoint, err: error }, 'file system does not say how full it is');
      }
      return UNKNOWN_FILE_SYSTEM_USE;
    }
  };

  return async (fileSystems) => {
    const readings: FileSystemReading[] = [];
    for (const fileSystem of fileSystems) {
      readings.push({ ...fileSystem, ...(await readOne(fileSystem.mountPoint)) });
    }
    return readings;
  };
}

async function askKernel(hostRoot: string, mountPoint: string): Promise<FileSystemCounts | null> {
  const path = join(hostRoot, mountPoint);
  // What the host mounted after this container began is not mounted here: the folder would answer for the one above it.
  if (hostRoot !== '/' && mountPoint !== '/' && !(await isMountPoint(path))) return null;
  return statfs(path);
}

async function isMountPoint(path: string): Promise<boolean> {
  const [own, above] = [await stat(path), await stat(dirname(path))];
  return own.dev !== above.dev;
}
