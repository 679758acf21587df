import { desiredState, rejectedSite, site, siteWithoutPages } from '@flotilla/contracts';
import { z } from 'zod';

const endpoint = z.object({ address: z.string(), port: z.number() });
const servingReplica = z.object({ containerId: z.string(), share: z.number() });

/** What a release was made from, kept beside its nginx.conf: the agent's memory over restarts. */
export const releaseRecord = z.object({
  format: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** Null before the Core said anything. */
  desired: desiredState.nullable(),
  rejectedSites: z.array(rejectedSite),
  /** Earlier versions of rejected sites, which serve in their place. */
  fallbackSites: z.array(site),
  /** Of those that serve. */
  sitesWithoutPages: z.array(siteWithoutPages).default([]),
  /** The sites that serve, with their file's name in `sites/`. */
  servedSites: z.array(z.object({ serviceId: z.string(), serviceRevision: z.number(), file: z.string() })),
  /** Every shared file that nginx.conf or a site refers to, as a path below the root. */
  sharedFiles: z.array(z.string()),
  /** Where targets were last reached, by `host NAME` or `container NAME:PORT`. */
  endpoints: z.record(z.string(), z.array(endpoint)),
  /** Which replicas take requests, by the service's id. */
  rosters: z.record(z.string(), z.array(servingReplica)).default({}),
});
export type ReleaseRecord = z.infer<typeof releaseRecord>;

export interface Release {
  readonly record: ReleaseRecord;
  /** Text of nginx.conf. */
  readonly main: string;
}
