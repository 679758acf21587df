import { open, rename, rm, symlink, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** Files that a crash left half written begin with this; none of them is ever referred to. */
export const TEMPORARY_PREFIX = '.tmp-';

interface WriteOptions {
  readonly mode: number;
  /** Owner's group; needs root. */
  readonly groupId?: number | undefined;
}

/** Writes a file whole or not at all, also when the power goes: synced first, then renamed into place. */
export async function writeDurably(file: string, content: string, { mode, groupId }: WriteOptions): Promise<void> {
  const temporary = temporaryBeside(file);
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(content);
    // The mode of open() is cut by the umask.
    await handle.chmod(mode);
    if (groupId !== undefined) await handle.chown(process.getuid?.() ?? 0, groupId);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** Makes `link` point to `target`, in one step for everybody who reads it. */
export async function replaceSymlink(link: string, target: string): Promise<void> {
  const temporary = temporaryBeside(link);
  await symlink(target, temporary);
  try {
    await rename(temporary, link);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(link));
}

/** Makes renames within a folder last through a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

function temporaryBeside(file: string): string {
  return join(dirname(file), `${TEMPORARY_PREFIX}${basename(file)}-${randomUUID()}`);
}
