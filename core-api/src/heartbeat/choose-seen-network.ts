import type { HeartbeatAgent } from '@flotilla/core-db';
import { clientKeyOf, cidrOf, isNeverBanned } from '@flotilla/traffic';

/**
 * The network that a heartbeat came from, an address or of IPv6 its /64, when nobody knows yet that it is the node's; null when it
 * is known, and for addresses that are never banned anyway.
 */
export function chooseSeenNetwork(
  { seenNetworks }: Pick<HeartbeatAgent, 'seenNetworks'>,
  address: string | null,
): string | null {
  const client = address === null ? null : clientKeyOf(address);
  if (client === null) return null;
  const network = client.includes('/') ? client : `${client}/32`;
  return seenNetworks.includes(network) || isNeverBanned(cidrOf(network), []) ? null : network;
}
