import { isContainerTarget, isReplicaTarget, type ReplicaTarget, type Site, type Target } from '@flotilla/contracts';
import type { ServingReplica } from '../shared/replica-gate.ts';
import type { AddressBook } from './read-addresses.ts';
import type { ContainerResolution, Endpoint, ResolveContainer } from './proxy.ts';
import type { ResolvedEndpoint, ResolvedLocation, ResolvedTarget } from './resolved-site.ts';

export type KnownEndpoints = Readonly<Record<string, readonly Endpoint[]>>;

/** Which replicas take requests, by the service's id. One that is not there has never had any. */
export type Rosters = ReadonlyMap<string, readonly ServingReplica[]>;

export interface TargetSources {
  readonly addressBook: AddressBook;
  readonly resolveContainer: ResolveContainer;
  readonly rosters: Rosters;
  /** Services whose replicas must all be reached; of the others those that are away are left out. */
  readonly complete: ReadonlySet<string>;
  /** Services that nginx serves now without replicas: they go on so until the first of theirs is ready. */
  readonly servedOtherwise: ReadonlySet<string>;
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

const NONE_READY = 'no replica is ready yet; until the first one is, what was served before goes on';

type EndpointsReading = { ok: true; endpoints: readonly Endpoint[] } | { ok: false; reason: string };
type SingleTarget = Exclude<Target, ReplicaTarget>;

/** The name under which a target's endpoints are remembered. */
function endpointKey(target: SingleTarget): string {
  return isContainerTarget(target) ? containerKey(target.container, target.port) : `host ${target.host}`;
}

/** @param container a name or an id */
function containerKey(container: string, port: number): string {
  return `container ${container}:${port}`;
}

/** Addresses for all targets of a site, or why one has none. A redirect needs none. */
export function resolveTargets(site: Site, sources: TargetSources): TargetsReading {
  if (site.redirect !== null) return { ok: true, targets: [], locations: [], endpoints: {} };
  const endpoints: Record<string, readonly Endpoint[]> = {};
  const reasons: string[] = [];

  const resolveReplica = (replica: ServingReplica, port: number): ResolvedEndpoint[] => {
    const key = containerKey(replica.containerId, port);
    const found = sources.resolveContainer(replica.containerId, port);
    const reached = found.state === 'unknown' ? (sources.known[key] ?? []) : reachedNow(found);
    if (reached.length > 0) endpoints[key] = reached;
    else if (found.state !== 'available' && sources.complete.has(site.serviceId)) reasons.push(found.reason);
    return reached.map((endpoint) => ({ ...endpoint, replica }));
  };

  const resolve = (target: Target): ResolvedTarget => {
    if (isReplicaTarget(target)) {
      const roster = sources.rosters.get(site.serviceId) ?? [];
      if (!sources.rosters.has(site.serviceId) && sources.servedOtherwise.has(site.serviceId)) reasons.push(NONE_READY);
      return { target, endpoints: roster.flatMap((replica) => resolveReplica(replica, target.port)) };
    }
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

/** A replica that is away takes no requests; its old address may be another container's by now. */
function reachedNow(found: ContainerResolution): readonly Endpoint[] {
  return found.state === 'available' ? found.endpoints : [];
}

function findEndpoints(target: SingleTarget, sources: TargetSources): EndpointsReading {
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
