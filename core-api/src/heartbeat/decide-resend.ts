import type { HeartbeatRequest } from '@flotilla/contracts';

export interface KnownOfHost {
  readonly lacksFacts: boolean;
  readonly lacksContainers: boolean;
  readonly hasDocker: boolean;
}

/**
 * Whether an agent has to send facts and inventory again, because the Core has lost or never had them. A host without
 * Docker has no inventory to send.
 */
export function decideResend(known: KnownOfHost, beat: Pick<HeartbeatRequest, 'facts' | 'containers'>): boolean {
  if (known.lacksFacts && beat.facts === undefined) return true;
  const hasDocker = beat.facts?.docker.available ?? known.hasDocker;
  return hasDocker && known.lacksContainers && beat.containers === undefined;
}
