import type { NginxPlace, Replica } from './replica.ts';

export type EndpointChoice =
  | { readonly state: 'available'; readonly endpoints: readonly { readonly address: string; readonly port: number }[] }
  | { readonly state: 'unavailable'; readonly reason: string };

const LOOPBACK = '127.0.0.1';
const SHORT_ID_LENGTH = 12;

/**
 * Where nginx reaches a port of a container, or why it does not.
 * @param wanted a container's name, or at least 12 digits of its id
 */
export function chooseEndpoints(
  wanted: string,
  port: number,
  replicas: readonly Replica[],
  nginx: NginxPlace,
): EndpointChoice {
  const replica = findReplica(wanted, replicas);
  if (replica === undefined) return unavailable(`there is no container "${wanted}" on this node`);
  const problem = describeState(replica);
  if (problem !== null) return unavailable(`container "${wanted}" ${problem}`);
  const owner = findNetworkOwner(replica, replicas);
  if (owner === undefined) {
    return unavailable(`container "${wanted}" uses the network of a container that is not on this node`);
  }
  const address = chooseAddress(owner, replicas, nginx);
  return 'reason' in address
    ? unavailable(`container "${wanted}" ${address.reason}`)
    : { state: 'available', endpoints: [{ address: address.address, port }] };
}

function unavailable(reason: string): EndpointChoice {
  return { state: 'unavailable', reason };
}

function findReplica(wanted: string, replicas: readonly Replica[]): Replica | undefined {
  const byName = replicas.find(({ observed }) => observed.name === wanted);
  if (byName !== undefined || wanted.length < SHORT_ID_LENGTH) return byName;
  return replicas.find(({ observed }) => observed.id.startsWith(wanted));
}

function describeState({ observed: { state } }: Replica): string | null {
  if (state === 'running') return null;
  return state === 'paused' || state === 'restarting' ? `is ${state}` : 'is not running';
}

/** A container may use another one's network (`--network container:web`); its address is then that one's. */
function findNetworkOwner(replica: Replica, replicas: readonly Replica[]): Replica | undefined {
  const owner = /^container:(.+)$/.exec(replica.networkMode)?.[1];
  if (owner === undefined) return replica;
  return replicas.find(({ observed }) => observed.id === owner || observed.name === owner);
}

type AddressChoice = { readonly address: string } | { readonly reason: string };

function chooseAddress(owner: Replica, replicas: readonly Replica[], nginx: NginxPlace): AddressChoice {
  const nginxReplica = nginx.kind === 'container' ? findReplica(nginx.name, replicas) : undefined;
  const isNginxOnHost = nginx.kind === 'host' || nginxReplica?.networkMode === 'host';
  if (owner.networkMode === 'host') {
    return isNginxOnHost
      ? { address: LOOPBACK }
      : { reason: 'uses the host’s network, which nginx’s container does not' };
  }
  const addresses = owner.observed.networks.flatMap(({ name, address }) =>
    address === null ? [] : [{ name, address }],
  );
  if (addresses.length === 0) return { reason: 'has no network address' };
  // The network that it was started with first; then by name, so that the choice does not waver.
  const isMain = ({ name }: { name: string }): number => (name === owner.networkMode ? 0 : 1);
  const ordered = addresses.toSorted((a, b) => isMain(a) - isMain(b) || a.name.localeCompare(b.name));
  if (isNginxOnHost || nginxReplica === undefined) return { address: ordered[0]?.address ?? LOOPBACK };
  const shared = new Set(nginxReplica.observed.networks.map(({ name }) => name));
  const reachable = ordered.find(({ name }) => shared.has(name));
  return reachable ?? { reason: `shares no network with nginx’s container "${nginxReplica.observed.name}"` };
}
