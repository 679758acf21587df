import { ERROR_PAGE_STATUSES, type ErrorPageHashes } from '@flotilla/contracts';

/**
 * The page of each status: its own, or that of its class. Statuses that nginx must answer by itself, and those that this version
 * does not know, have none.
 * @returns the page's key and content's hash by status, in order
 */
export function planErrorPages(hashes: ErrorPageHashes): Map<string, { readonly key: string; readonly hash: string }> {
  return new Map(
    ERROR_PAGE_STATUSES.flatMap((status) => {
      const key = hashes[status] === undefined ? `${status.charAt(0)}xx` : status;
      const hash = hashes[key];
      return hash === undefined ? [] : [[status, { key, hash }]];
    }),
  );
}
