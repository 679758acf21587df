import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorPageHash } from '@flotilla/contracts';
import type { ReadErrorPage } from '../shared/error-page-source.ts';
import { writeDurably } from '../shared/write-durably.ts';

/** The agent alone reads it; nginx gets files of its own. */
const FOLDER = 0o700;
const FILE = 0o600;

/** Content that is not what its name says. */
export class WrongContentError extends Error {
  override readonly name = 'WrongContentError';

  constructor(hash: string) {
    super(`the content that was fetched does not have the hash ${hash}`);
  }
}

export interface ErrorPageStore {
  readonly has: (hash: string) => boolean;
  readonly read: ReadErrorPage;
  /** Whole or not at all. @throws WrongContentError */
  readonly write: (hash: string, html: string) => Promise<void>;
  /** Removes all others. */
  readonly keepOnly: (hashes: ReadonlySet<string>) => Promise<void>;
}

/** Pages as the Core has them, each a file with its content's hash for a name; what else is in the folder is removed. */
export async function openErrorPageStore(folder: string): Promise<ErrorPageStore> {
  await mkdir(folder, { recursive: true, mode: FOLDER });
  // The mode of mkdir() is cut by the umask, and says nothing of a folder that was there.
  await chmod(folder, FOLDER);
  const present = new Set<string>();
  for (const name of await readdir(folder)) {
    if (errorPageHash.safeParse(name).success) present.add(name);
    else await rm(join(folder, name), { recursive: true, force: true });
  }
  /** Nothing but a hash becomes a path, whatever the caller's schema said. */
  const pathOf = (hash: string): string => join(folder, errorPageHash.parse(hash));

  const remove = async (hash: string): Promise<void> => {
    present.delete(hash);
    await rm(pathOf(hash), { force: true });
  };

  return {
    has: (hash) => present.has(hash),
    read: async (hash) => {
      if (!present.has(hash)) return null;
      const html = await readIfThere(pathOf(hash));
      if (html !== null && hashOf(html) === hash) return html;
      // Damaged, or taken away: it is fetched again.
      await remove(hash);
      return null;
    },
    write: async (hash, html) => {
      if (hashOf(html) !== hash) throw new WrongContentError(hash);
      await writeDurably(pathOf(hash), html, { mode: FILE });
      present.add(hash);
    },
    keepOnly: async (hashes) => {
      for (const hash of present) if (!hashes.has(hash)) await remove(hash);
    },
  };
}

function hashOf(html: string): string {
  return createHash('sha256').update(html, 'utf8').digest('hex');
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
