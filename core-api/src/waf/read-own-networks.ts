import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { cidrOf, clientKeyOf, isNeverBanned } from '@flotilla/traffic';

/**
 * Addresses, of IPv6 the /64, that this process's host has, and those that its public name leads to; without those that are
 * never banned anyway. A name that cannot be looked up adds nothing.
 */
export async function readOwnNetworks(publicUrl: string): Promise<string[]> {
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  const named = await lookup(host, { all: true }).catch(() => []);
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const clients = [...interfaces, ...named].map(({ address }) => clientKeyOf(address.replace(/%.*/, '')));
  const networks = clients
    .filter((client) => client !== null)
    .map((client) => (client.includes('/') ? client : `${client}/32`));
  return [...new Set(networks)].filter((network) => !isNeverBanned(cidrOf(network), []));
}
