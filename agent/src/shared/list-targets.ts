import type { Site, Target } from '@flotilla/contracts';

/** Everything that a site's requests may go to. */
export function listTargets({
  target,
  additionalTargets,
  locations,
}: Pick<Site, 'target' | 'additionalTargets' | 'locations'>): Target[] {
  return [target, ...additionalTargets, ...locations.map((location) => location.target)];
}
