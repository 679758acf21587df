import type { ErrorPageHashes } from '@flotilla/contracts';
import { join } from 'node:path';
import type { ReadErrorPage } from '../../shared/error-page-source.ts';
import { writeDurably } from '../../shared/write-durably.ts';
import { contentHash } from '../content-hash.ts';
import { planErrorPages } from './plan-error-pages.ts';
import { renderErrorPage } from './render-error-page.ts';

const FOLDER = 'error-pages';

export interface WrittenErrorPages {
  /** Names in the folder, by status. */
  readonly files: ReadonlyMap<string, string>;
  /** The same files as paths below the root, each once. */
  readonly sharedFiles: readonly string[];
  /** Keys of the pages that are not here. */
  readonly missing: readonly string[];
}

export interface ErrorPageWriter {
  /**
   * Writes a site's pages as nginx reads them, as far as they are here.
   * @param present shared files that are on disk; what is written is added
   */
  readonly write: (hashes: ErrorPageHashes, present: Set<string>) => Promise<WrittenErrorPages>;
}

export function createErrorPageWriter(root: string, read: ReadErrorPage): ErrorPageWriter {
  // Many sites have the same pages, and are rendered again and again: a page is read once.
  const nameByHash = new Map<string, string>();
  // Sites are written several at once, and a file by one of them.
  const underWay = new Map<string, Promise<string | null>>();

  const ensure = async (hash: string, present: Set<string>): Promise<string | null> => {
    const known = nameByHash.get(hash);
    if (known !== undefined && present.has(`${FOLDER}/${known}`)) return known;
    const running = underWay.get(hash);
    if (running !== undefined) return running;
    const writing = writePage(hash, present).finally(() => underWay.delete(hash));
    underWay.set(hash, writing);
    return writing;
  };

  const writePage = async (hash: string, present: Set<string>): Promise<string | null> => {
    const html = await read(hash);
    if (html === null) return null;
    const content = renderErrorPage(html);
    const name = `${contentHash(hash, content)}.html`;
    const file = `${FOLDER}/${name}`;
    // The name carries the content's hash, so what is there is equal. nginx's workers read it as what they are.
    if (!present.has(file)) await writeDurably(join(root, file), content, { mode: 0o644 });
    present.add(file);
    nameByHash.set(hash, name);
    return name;
  };

  return {
    write: async (hashes, present) => {
      const files = new Map<string, string>();
      const missing = new Set<string>();
      for (const [status, { key, hash }] of planErrorPages(hashes)) {
        const name = await ensure(hash, present);
        if (name === null) missing.add(key);
        else files.set(status, name);
      }
      const sharedFiles = [...new Set(files.values())].map((name) => `${FOLDER}/${name}`);
      return { files, sharedFiles, missing: [...missing] };
    },
  };
}
