import { z } from 'zod';
import { entityId } from '../values/identifiers.ts';
import { errorPageHash } from './error-page-key.ts';

/** Which pages a service answers errors with. */
export const errorPageSettings = z.strictObject({
  /** A set's id, or the fleet's default set, if there is one, or nginx's own pages. */
  set: z.union([z.enum(['default', 'none']), entityId]).default('default'),
  /** Whether errors that the targets answer get the pages, too; else only those of nginx itself do. */
  interceptsUpstreamErrors: z.boolean().default(false),
});

/**
 * A site's pages as its agent gets them: the content's hash by status or class. Statuses that this version does not know are accepted,
 * so that an older agent takes the desired state of a newer Core.
 */
export const errorPageHashes = z.record(z.string().regex(/^[45](?:\d\d|xx)$/, 'is not an error status'), errorPageHash);
export type ErrorPageHashes = z.infer<typeof errorPageHashes>;
