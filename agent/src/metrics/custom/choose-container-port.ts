import { isContainerTarget, type ObservedContainer, type ReplicaTarget, type Target } from '@flotilla/contracts';
import { findContainer, findNetworkOwner, listAddresses } from '../../shared/find-container.ts';

/** What has to be known of a container to read its figures. */
export interface PolledContainer {
  readonly observed: Pick<ObservedContainer, 'id' | 'name' | 'state' | 'networks' | 'ports'>;
  /** Docker's network mode: a network's name, `host`, `none` or `container:<id>`. */
  readonly networkMode: string;
  /** As the labels `flotilla.metrics.path` and `flotilla.metrics.port` say; null without one. */
  readonly metricsLabels: { readonly path: string | null; readonly port: string | null };
  /** Id of the service that it is a replica of; null for every other container. */
  readonly replicaOf: string | null;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
/** Addresses that a port is published on for everybody, this host included. */
const ANY_ADDRESS: ReadonlySet<string | null> = new Set([null, '0.0.0.0', '::']);

/**
 * The address that a container has by itself, in the network that it was started with or the first by name; null with the
 * host's network, which belongs to everybody, and without one. Of a container that uses another one's network it is that
 * one's.
 */
export function chooseOwnAddress(container: PolledContainer, containers: readonly PolledContainer[]): string | null {
  const owner = findNetworkOwner(container, containers);
  return owner === undefined || owner.networkMode === 'host' ? null : (listAddresses(owner)[0]?.address ?? null);
}

interface ContainerPort {
  readonly container: PolledContainer;
  /** Inside the container. */
  readonly port: number;
}

/** A target that is one place, and not the replicas of its service. */
export type SingleTarget = Exclude<Target, ReplicaTarget>;

/** The container that a service's target stands for; null for any other host, which is never called. */
export function chooseContainerPort(
  target: SingleTarget,
  containers: readonly PolledContainer[],
): ContainerPort | null {
  if (isContainerTarget(target)) {
    const container = findContainer(target.container, containers);
    return container === undefined ? null : { container, port: target.port };
  }
  const owner = containers.find(({ observed }) => observed.networks.some(({ address }) => address === target.host));
  return owner === undefined ? findPublisher(target, containers) : { container: owner, port: target.port };
}

/** The container that publishes a port of this host, and its own port behind it. */
function findPublisher(
  { host, port }: { readonly host: string; readonly port: number },
  containers: readonly PolledContainer[],
): ContainerPort | null {
  const isLoopback = LOOPBACK.test(host);
  for (const container of containers) {
    const published = container.observed.ports.find(
      ({ protocol, hostAddress, hostPort }) =>
        protocol === 'tcp' &&
        hostPort === port &&
        (hostAddress === host || (isLoopback && (ANY_ADDRESS.has(hostAddress) || LOOPBACK.test(hostAddress ?? '')))),
    );
    if (published !== undefined) return { container, port: published.containerPort };
  }
  return null;
}
