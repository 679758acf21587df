import { isContainerTarget, type Site, type Target } from '@flotilla/contracts';
import type { AddressBook } from './read-addresses.ts';
import type { Endpoint, ResolveContainer } from './proxy.ts';
import type { ResolvedLocation, ResolvedTarget } from './resolved-site.ts';

export type KnownEndpoints = Readonly<Record<string, readonly Endpoint[]>>;

export interface TargetSources {
  readonly addressBook: AddressBook;
  readonly resolveContainer: ResolveContainer;
  /** Where containers were reached when the serving release was made. */
  readonly known: KnownEndpoints;
  readonly hasIpv6: boolean;
}

export type TargetsReading =
  | {
      readonly ok: true;
      readonly targets: readonly ResolvedTarget[];
      readonly locations: readonly ResolvedLocation[];
      readonly endpoints: KnownEndpoints;
    }
  | { readonly ok: false; readonly reason: string };

type EndpointsReading = { ok: true; endpoints: readonly Endpoint[] } | { ok: false; reason: string };

/** The name under which a target's endpoints are remembered. */
export function endpointKey(target: Target): string {
  return isContainerTarget(target) ? `container ${target.container}:${target.port}` : `host ${target.host}`;
}

/** Addresses for all targets of a site, or why one has none. A redirect needs none. */
export function resolveTargets(site: Site, sources: TargetSources): TargetsReading {
  if (site.redirect !== null) return { ok: true, targets: [], locations: [], endpoints: {} };
  const endpoints: Record<string, readonly Endpoint[]> = {};
  const reasons: string[] = [];

  const resolve = (target: Target): ResolvedTarget => {
    const reading = findEndpoints(target, sources);
    if (!reading.ok) reasons.push(reading.reason);
    else if (reading.endpoints.length > 0) endpoints[endpointKey(target)] = reading.endpoints;
    else endpoints[endpointKey(target)] = sources.known[endpointKey(target)] ?? [];
    return { target, endpoints: reading.ok ? reading.endpoints : [] };
  };

  const targets = [site.target, ...site.additionalTargets].map(resolve);
  const locations = site.locations.map((location) => ({ location, target: resolve(location.target) }));
  return reasons.length > 0
    ? { ok: false, reason: [...new Set(reasons)].join('\n') }
    : { ok: true, targets, locations, endpoints };
}

function findEndpoints(target: Target, sources: TargetSources): EndpointsReading {
  if (isContainerTarget(target)) return findContainer(target.container, target.port, endpointKey(target), sources);
  const reading = sources.addressBook.find(target.host);
  // nginx's words for the same, so that they mean the same to those who know it.
  if (!reading.ok) return { ok: false, reason: `host not found in upstream "${target.host}"` };
  const ipv4 = reading.addresses.filter((address) => !address.includes(':'));
  const usable = sources.hasIpv6 || ipv4.length === 0 ? reading.addresses : ipv4;
  return { ok: true, endpoints: usable.map((address) => ({ address, port: target.port })) };
}

/**
 * A container that was reached before and is away now keeps its site, which answers 502 until it is back: its old
 * address may be another container's by then. One that was never there is the operator's mistake.
 */
function findContainer(container: string, port: number, key: string, sources: TargetSources): EndpointsReading {
  const { resolveContainer, known } = sources;
  const found = resolveContainer(container, port);
  if (found.state === 'available') return { ok: true, endpoints: found.endpoints };
  const before = known[key];
  if (before === undefined) return { ok: false, reason: found.reason };
  return { ok: true, endpoints: found.state === 'unknown' ? before : [] };
}
