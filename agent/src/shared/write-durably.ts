import { open, rename, rm, symlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a crash left half written begins with this, and is never referred to. */
export const TEMPORARY_PREFIX = '.tmp-';

interface WriteOptions {
  readonly mode: number;
  /** Owner's group; needs root. */
  readonly groupId?: number | undefined;
}

/**
 * Writes a file whole or not at all, also when the power goes: synced first, then renamed into place. The rename itself
 * lasts once the folder is synced (`syncFolder`). One writer a file: the agent holds the lock of its directory.
 */
export async function writeDurably(file: string, content: string, { mode, groupId }: WriteOptions): Promise<void> {
  const temporary = temporaryBeside(file);
  const handle = await open(temporary, 'w', mode);
  try {
    // Before the content: the mode of open() is cut by the umask, and says nothing of a file that a crash left.
    await handle.chmod(mode);
    if (groupId !== undefined) await handle.chown(process.getuid?.() ?? 0, groupId);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** Makes `link` point to `target`, in one step for everybody who reads it, and through a power loss. */
export async function replaceSymlink(link: string, target: string): Promise<void> {
  const temporary = temporaryBeside(link);
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, link);
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
  return join(dirname(file), `${TEMPORARY_PREFIX}${basename(file)}`);
}
