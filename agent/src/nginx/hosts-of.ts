import { isContainerTarget, isReplicaTarget, type DesiredState } from '@flotilla/contracts';
import { listTargets } from '../shared/list-targets.ts';

/** Names that sites are proxied to, over all their targets. */
export function hostsOf(desired: DesiredState | null): string[] {
  const targets = (desired?.sites ?? []).flatMap(listTargets);
  return targets.flatMap((target) => (isContainerTarget(target) || isReplicaTarget(target) ? [] : [target.host]));
}
