import { isContainerTarget, isReplicaTarget, type DesiredState, type Target } from '@flotilla/contracts';

/** Names that sites are proxied to, over all their targets. */
export function hostsOf(desired: DesiredState | null): string[] {
  const targets: Target[] = (desired?.sites ?? []).flatMap((site) => [
    site.target,
    ...site.additionalTargets,
    ...site.locations.map((location) => location.target),
  ]);
  return targets.flatMap((target) => (isContainerTarget(target) || isReplicaTarget(target) ? [] : [target.host]));
}
