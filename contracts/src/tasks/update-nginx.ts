import { z } from 'zod';
import { desiredState, MAX_SITES_PER_AGENT } from '../proxy/desired-state.ts';
import { contentRevision, entityId } from '../values/identifiers.ts';

export const MAX_REASON_LENGTH = 4000;

/** Why something was refused, in nginx's own words where nginx refused it. */
export const reason = z.string().min(1).max(MAX_REASON_LENGTH);

export const updateNginxTask = z.object({
  id: entityId,
  type: z.literal('UPDATE_NGINX'),
  payload: desiredState,
});

/** One site that could not be served and was left out, while the others were updated. */
export const rejectedSite = z.object({
  serviceId: entityId,
  serviceRevision: z.number().int().min(1),
  reason,
});
export type RejectedSite = z.infer<typeof rejectedSite>;

/** One site that is served without pages that it should have, until the agent has got them. */
export const siteWithoutPages = z.object({ serviceId: entityId, reason });
export type SiteWithoutPages = z.infer<typeof siteWithoutPages>;

/**
 * What came of a desired state. `applied`: nginx confirmed that it serves the revision, without the
 * `rejectedSites`. `rejected`: the last good configuration still serves, for `reason`.
 */
export const updateNginxResult = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('applied'),
    revision: contentRevision,
    rejectedSites: z.array(rejectedSite).max(MAX_SITES_PER_AGENT),
    sitesWithoutPages: z.array(siteWithoutPages).max(MAX_SITES_PER_AGENT).optional(),
  }),
  z.object({
    outcome: z.literal('rejected'),
    revision: contentRevision,
    reason,
    rejectedSites: z.array(rejectedSite).max(MAX_SITES_PER_AGENT),
  }),
]);
export type UpdateNginxResult = z.infer<typeof updateNginxResult>;
