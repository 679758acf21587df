import { z } from 'zod';
import { errorPageHashes } from '../error-pages/error-page-settings.ts';
import { replicaSettings } from '../replicas/replica-settings.ts';
import { contentRevision, entityId } from '../values/identifiers.ts';
import { displayName } from '../values/text.ts';
import { basicAuthHashed } from './basic-auth.ts';
import { siteSettingsShape } from './site-settings.ts';

export const MAX_SITES_PER_AGENT = 5000;

/** One service as its agent serves it. */
export const site = z.object({
  serviceId: entityId,
  /** Revision of the service that this site renders; comes back in reports. */
  serviceRevision: z.number().int().min(1),
  name: displayName,
  ...siteSettingsShape,
  basicAuth: basicAuthHashed.nullable(),
  /** What it is served with, when TLS asks for a certificate of the Core's and there is one: SHA-256 of certificate, chain and key. */
  certificateHash: contentRevision.nullable().default(null),
  /** The pages of `errorPages.set` as they are now; the agent fetches by hash what it lacks. */
  errorPageHashes: errorPageHashes.default({}),
  /** The containers that the node runs for it; null for none. */
  replicas: replicaSettings.nullable().default(null),
  /** Which change of their number `replicas.count` is; not part of the state's revision, because nginx does not depend on it. */
  scaleRevision: z.number().int().min(0).default(0),
});
export type Site = z.infer<typeof site>;

/** Everything that one agent's nginx must serve: the whole payload of UPDATE_NGINX. */
export const desiredState = z.object({
  /** SHA-256 of the sites' canonical JSON without the number of replicas: equal content has an equal revision. */
  revision: contentRevision,
  sites: z.array(site).max(MAX_SITES_PER_AGENT),
});
export type DesiredState = z.infer<typeof desiredState>;
