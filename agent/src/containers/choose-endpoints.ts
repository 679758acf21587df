import { findContainer, findNetworkOwner, listAddresses } from '../shared/find-container.ts';
import type { NginxPlace, HostContainer } from './host-container.ts';

export type EndpointChoice =
  | { readonly state: 'available'; readonly endpoints: readonly { readonly address: string; readonly port: number }[] }
  | { readonly state: 'unavailable'; readonly reason: string };

const LOOPBACK = '127.0.0.1';

/**
 * Where nginx reaches a port of a container, or why it does not.
 * @param wanted a container's name, or at least 12 digits of its id
 */
export function chooseEndpoints(
  wanted: string,
  port: number,
  containers: readonly HostContainer[],
  nginx: NginxPlace,
): EndpointChoice {
  const container = findContainer(wanted, containers);
  if (container === undefined) return unavailable(`there is no container "${wanted}" on this node`);
  const problem = describeState(container);
  if (problem !== null) return unavailable(`container "${wanted}" ${problem}`);
  const owner = findNetworkOwner(container, containers);
  if (owner === undefined) {
    return unavailable(`container "${wanted}" uses the network of a container that is not on this node`);
  }
  const address = chooseAddress(owner, containers, nginx);
  return 'reason' in address
    ? unavailable(`container "${wanted}" ${address.reason}`)
    : { state: 'available', endpoints: [{ address: address.address, port }] };
}

function unavailable(reason: string): EndpointChoice {
  return { state: 'unavailable', reason };
}

function describeState({ observed: { state } }: HostContainer): string | null {
  if (state === 'running') return null;
  return state === 'paused' || state === 'restarting' ? `is ${state}` : 'is not running';
}

type AddressChoice = { readonly address: string } | { readonly reason: string };

function chooseAddress(owner: HostContainer, containers: readonly HostContainer[], nginx: NginxPlace): AddressChoice {
  const nginxContainer = nginx.kind === 'container' ? findContainer(nginx.name, containers) : undefined;
  const isNginxOnHost = nginx.kind === 'host' || nginxContainer?.networkMode === 'host';
  if (owner.networkMode === 'host') {
    return isNginxOnHost
      ? { address: LOOPBACK }
      : { reason: 'uses the host’s network, which nginx’s container does not' };
  }
  const addresses = listAddresses(owner);
  const [first] = addresses;
  if (first === undefined) return { reason: 'has no network address' };
  if (isNginxOnHost || nginxContainer === undefined) return first;
  const shared = new Set(nginxContainer.observed.networks.map(({ name }) => name));
  const reachable = addresses.find(({ network }) => shared.has(network));
  return reachable ?? { reason: `shares no network with nginx’s container "${nginxContainer.observed.name}"` };
}
