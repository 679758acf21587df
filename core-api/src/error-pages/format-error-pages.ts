import {
  errorPageKey,
  type ErrorPageKey,
  type ErrorPages,
  type ErrorPageSet,
  type ErrorPageSetSummary,
  type ErrorPageVersion,
} from '@flotilla/contracts';
import type { ErrorPageSetRecord, ErrorPageVersionRow, StoredErrorPages } from '@flotilla/core-db';
import type { Serialisable } from '../http/index.ts';

/** By status, classes last. */
function listKeys(pages: StoredErrorPages): ErrorPageKey[] {
  return errorPageKey.options.filter((key) => pages[key] !== undefined).toSorted();
}

export function formatErrorPageSummary({
  bytesByHash,
  pages,
  ...summary
}: ErrorPageSetRecord): Serialisable<ErrorPageSetSummary> {
  return {
    ...summary,
    pages: listKeys(pages).map((key) => ({ key, bytes: bytesByHash[pages[key] ?? ''] ?? 0 })),
  };
}

/** @param contents HTML by hash, of all the set's pages */
export function formatErrorPageSet(
  { bytesByHash: _, ...set }: ErrorPageSetRecord,
  contents: ReadonlyMap<string, string>,
): Serialisable<ErrorPageSet> {
  return { ...set, pages: formatPages(set.pages, contents) };
}

export function formatErrorPageVersion({
  pages,
  setId: _,
  ...version
}: ErrorPageVersionRow): Serialisable<ErrorPageVersion> {
  return { ...version, keys: listKeys(pages) };
}

/** @throws when a content is missing, which the database's own rules rule out */
export function formatPages(pages: StoredErrorPages, contents: ReadonlyMap<string, string>): ErrorPages {
  return Object.fromEntries(
    listKeys(pages).map((key) => {
      const html = contents.get(pages[key] ?? '');
      if (html === undefined) throw new Error(`the page ${key} with the hash ${pages[key]} is not stored`);
      return [key, html];
    }),
  );
}
