import { cidrOf, overlaps, type Cidr } from './cidr.ts';

/**
 * Addresses that are no stranger's on the Internet (RFC 6890's registry, and what replaced its entries), or behind which
 * everybody is. The documentation's (192.0.2.0/24, 2001:db8::/32 …) and those for benchmarks (198.18.0.0/15) are not here:
 * no packet comes from them, except in tests, which are to be banned as strangers are.
 */
const NEVER_BANNED: readonly (readonly [network: string, why: string])[] = [
  ['0.0.0.0/8', 'this network (RFC 791)'],
  ['10.0.0.0/8', 'private (RFC 1918)'],
  ['100.64.0.0/10', 'shared behind a carrier’s translation (RFC 6598)'],
  ['127.0.0.0/8', 'loopback (RFC 1122)'],
  ['169.254.0.0/16', 'link-local (RFC 3927)'],
  ['172.16.0.0/12', 'private (RFC 1918)'],
  ['192.0.0.0/24', 'protocols’ own (RFC 6890)'],
  ['192.168.0.0/16', 'private (RFC 1918)'],
  ['224.0.0.0/4', 'multicast (RFC 5771)'],
  ['240.0.0.0/4', 'reserved, and broadcast (RFC 1112, RFC 919)'],
  ['::/127', 'unspecified and loopback (RFC 4291)'],
  ['64:ff9b::/96', 'everybody behind a translation to IPv4 (RFC 6052)'],
  ['64:ff9b:1::/48', 'everybody behind a translation to IPv4 (RFC 8215)'],
  ['100::/64', 'discarded (RFC 6666)'],
  ['2001::/32', 'everybody behind a Teredo server (RFC 4380)'],
  ['fc00::/7', 'private (RFC 4193)'],
  ['fe80::/10', 'link-local (RFC 4291)'],
  ['ff00::/8', 'multicast (RFC 4291)'],
];

/** A network that is spared, and why, in words that follow "is". */
export interface ExemptNetwork {
  readonly network: Cidr;
  readonly why: string;
}

const wellKnown: readonly ExemptNetwork[] = NEVER_BANNED.map(([network, why]) => ({ network: cidrOf(network), why }));

/**
 * Why a target must not be banned; null when it may. A network that has only one such address in it is spared whole.
 * @param exempt trusted proxies, the Core's and the agents' addresses, the allow list
 */
export function whyNeverBanned(target: Cidr, exempt: readonly ExemptNetwork[]): string | null {
  const covers = ({ network }: ExemptNetwork) => overlaps(network, target);
  return (wellKnown.find(covers) ?? exempt.find(covers))?.why ?? null;
}

export function isNeverBanned(target: Cidr, exempt: readonly ExemptNetwork[]): boolean {
  return whyNeverBanned(target, exempt) !== null;
}
