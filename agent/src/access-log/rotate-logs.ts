import { rename, rm, stat } from 'node:fs/promises';
import { pathOf } from './read-logs-on-disk.ts';

export interface Rotation {
  /** Of one writer. */
  readonly files: readonly string[];
  readonly maxBytes: number;
  /** Rotated files that stay: `<file>.1` is the newest. */
  readonly kept: number;
  /** Tells the writer to begin a new file. */
  readonly reopen: () => Promise<void>;
}

/**
 * Renames logs that have become large and has their writer begin new ones. Until it does, it writes on in the renamed ones; when
 * it could not be told, or the agent ended in between, the next call tells it.
 * @throws what `reopen` throws, and what the file system says
 */
export async function rotateLogs({ files, maxBytes, kept, reopen }: Rotation): Promise<void> {
  let isTellingDue = false;
  for (const file of files) {
    const size = await readSize(file);
    if (size === null) isTellingDue ||= (await readSize(pathOf(file, 1))) !== null;
    else if (size >= maxBytes) {
      await renameAll(file, kept);
      isTellingDue = true;
    }
  }
  if (isTellingDue) await reopen();
}

async function renameAll(file: string, kept: number): Promise<void> {
  await rm(pathOf(file, kept), { force: true });
  for (let number = kept - 1; number >= 0; number -= 1) {
    if ((await readSize(pathOf(file, number))) !== null) await rename(pathOf(file, number), pathOf(file, number + 1));
  }
}

/** Null when there is no such file. */
async function readSize(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
