import type { Site } from '@flotilla/contracts';

/** The versions of a site that may serve, the wanted one first. */
export interface Candidate {
  readonly wanted: Site;
  /** What served before, when that is another version; it stays when the wanted one is refused. */
  readonly earlier: Site | null;
  /** Known before anything is tried. */
  readonly reason: string | null;
}

/**
 * Pairs each wanted site with the version of it that serves now. A domain belongs to the first site that wants it; an
 * earlier version gives up the domains that another site wants now, and what has none left cannot serve.
 */
export function planCandidates(wanted: readonly Site[], serving: readonly Site[]): Candidate[] {
  const owners = new Map<string, Site>();
  for (const site of wanted) {
    for (const domain of site.domains) if (!owners.has(domain)) owners.set(domain, site);
  }
  const servingById = new Map(serving.map((site) => [site.serviceId, site]));

  return wanted.map((site) => {
    const conflicts = site.domains.filter((domain) => owners.get(domain) !== site);
    return {
      wanted: site,
      earlier: planEarlier(site, servingById.get(site.serviceId), owners),
      reason: conflicts.length === 0 ? null : formatConflicts(conflicts, owners),
    };
  });
}

/** A service's certificate changes without the service being saved. */
export function isSameVersion(left: Site, right: Site): boolean {
  return left.serviceRevision === right.serviceRevision && left.certificateHash === right.certificateHash;
}

function planEarlier(wanted: Site, earlier: Site | undefined, owners: ReadonlyMap<string, Site>): Site | null {
  if (earlier === undefined || isSameVersion(earlier, wanted)) return null;
  const domains = earlier.domains.filter((domain) => {
    const owner = owners.get(domain);
    return owner === undefined || owner === wanted;
  });
  return domains.length === 0 ? null : { ...earlier, domains };
}

function formatConflicts(domains: readonly string[], owners: ReadonlyMap<string, Site>): string {
  return domains.map((domain) => `${domain} is served by ${owners.get(domain)?.name ?? 'another service'}`).join('\n');
}
