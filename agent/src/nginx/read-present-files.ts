import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SHARED_FOLDERS } from './layout.ts';

/** Shared files that are on disk, as paths below the root. */
export async function readPresentFiles(root: string): Promise<Set<string>> {
  const folders = await Promise.all(
    SHARED_FOLDERS.map(async (folder) => (await readdir(join(root, folder))).map((name) => `${folder}/${name}`)),
  );
  return new Set(folders.flat());
}
