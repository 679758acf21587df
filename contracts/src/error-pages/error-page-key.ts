import { z } from 'zod';

/**
 * Statuses that can have a page: those of the IANA registry that nginx or a target answers to a request that could be read.
 * 400, 408, 414 and 431 are left out: nginx answers them before it knows whose request it is.
 */
// prettier-ignore
export const ERROR_PAGE_STATUSES = [
  '401', '402', '403', '404', '405', '406', '407', '409', '410', '411', '412', '413', '415', '416', '417',
  '421', '422', '423', '424', '425', '426', '428', '429', '451',
  '500', '501', '502', '503', '504', '505', '506', '507', '508', '510', '511',
] as const;

/** What a page is for: one status, or all of a class that have no page of their own. */
export const errorPageKey = z.enum(
  ['4xx', '5xx', ...ERROR_PAGE_STATUSES],
  'is not a status that can have a page; 404, 503, 4xx and 5xx are examples of what is accepted',
);
export type ErrorPageKey = z.infer<typeof errorPageKey>;

/** SHA-256 of a page's UTF-8 bytes, in hex. Names of files are made of it: nothing else is in it. */
export const errorPageHash = z.string().regex(/^[0-9a-f]{64}$/, 'is not a content hash (64 hex digits)');
