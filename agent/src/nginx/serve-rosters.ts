import type { Configuring } from './configurator.ts';
import type { Rosters } from './resolve-targets.ts';

export interface RosterServing {
  /** Has nginx serve what is wanted with these rosters, of which the named services' are news. */
  readonly configure: (rosters: Rosters, newRosters: ReadonlySet<string>) => Promise<Configuring>;
  /** What nginx serves now. */
  readonly served: Rosters;
}

export interface RostersServed {
  /** What to serve from now on, too. */
  readonly rosters: Rosters;
  /** Why a service's roster does not serve, by its id. */
  readonly refused: ReadonlyMap<string, string>;
  readonly hasReloaded: boolean;
}

/**
 * Has nginx serve new rosters. One that it refuses, or whose replicas are not all reached, does not hold up the others, and
 * its service goes on with what served before.
 */
export async function serveRosters(asked: Rosters, { configure, served }: RosterServing): Promise<RostersServed> {
  const left = new Map(asked);
  const refused = new Map<string, string>();
  // Each round but the last refuses at least one.
  while (left.size > 0) {
    const rosters = new Map([...served, ...left]);
    const configuring = await configure(rosters, new Set(left.keys()));
    if (configuring.ok) return { rosters, refused, hasReloaded: configuring.hasReloaded };
    const { reason, lostSites } = configuring;
    for (const lost of lostSites) refused.set(lost.serviceId, lost.reason);
    if (lostSites.length === 0) for (const serviceId of left.keys()) refused.set(serviceId, reason);
    for (const serviceId of refused.keys()) left.delete(serviceId);
  }
  return { rosters: served, refused, hasReloaded: false };
}

/** The services that have replicas in `before` which they do not have in `after`. */
export function findShrunk(before: Rosters, after: Rosters): ReadonlySet<string> {
  const shrunk = [...before].filter(([serviceId, roster]) => {
    const left = new Set(after.get(serviceId)?.map(({ containerId }) => containerId));
    return roster.some(({ containerId }) => !left.has(containerId));
  });
  return new Set(shrunk.map(([serviceId]) => serviceId));
}
