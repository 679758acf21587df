import type { ObservedContainer } from '@flotilla/contracts';
import { compareText } from './compare-text.ts';

/** A container, as far as it has to be found in a network. */
export interface NetworkedContainer {
  readonly observed: Pick<ObservedContainer, 'id' | 'name' | 'networks'>;
  /** Docker's network mode: a network's name, `host`, `none` or `container:<id>`. */
  readonly networkMode: string;
}

const SHORT_ID_LENGTH = 12;

/** @param wanted a container's name, or at least 12 digits of its id */
export function findContainer<Container extends NetworkedContainer>(
  wanted: string,
  containers: readonly Container[],
): Container | undefined {
  const byName = containers.find(({ observed }) => observed.name === wanted);
  if (byName !== undefined || wanted.length < SHORT_ID_LENGTH) return byName;
  return containers.find(({ observed }) => observed.id.startsWith(wanted));
}

/**
 * Whose network a container uses: its own, or another one's (`--network container:web`), whose addresses are then its own.
 * Docker does not chain them.
 * @returns undefined when that other one is gone
 */
export function findNetworkOwner<Container extends NetworkedContainer>(
  container: Container,
  containers: readonly Container[],
): Container | undefined {
  const owner = /^container:(.+)$/.exec(container.networkMode)?.[1];
  if (owner === undefined) return container;
  return containers.find(({ observed }) => observed.id === owner || observed.name === owner);
}

/** In the network that it was started with first; then by the networks' names, so that a choice does not waver. */
export function listAddresses({
  networkMode,
  observed: { networks },
}: NetworkedContainer): { readonly network: string; readonly address: string }[] {
  const isMain = (network: string): number => (network === networkMode ? 0 : 1);
  return networks
    .flatMap(({ name, address }) => (address === null ? [] : [{ network: name, address }]))
    .toSorted((a, b) => isMain(a.network) - isMain(b.network) || compareText(a.network, b.network));
}
