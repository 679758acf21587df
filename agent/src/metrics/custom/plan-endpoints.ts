import { isContainerTarget, isReplicaTarget, type Site } from '@flotilla/contracts';
import { compareText } from '../../shared/compare-text.ts';
import {
  chooseContainerPort,
  chooseOwnAddress,
  type PolledContainer,
  type SingleTarget,
} from './choose-container-port.ts';
import { parseMetricsLabels } from './parse-metrics-labels.ts';

/** What has to be known of a service. */
export type PolledSite = Pick<Site, 'serviceId' | 'name' | 'target' | 'additionalTargets' | 'metricsPath'>;

/** Where a container tells figures. */
export interface MetricsEndpoint {
  /** Another address is another endpoint. */
  readonly key: string;
  readonly containerId: string;
  readonly containerName: string;
  /** The container's own: an IPv4 or IPv6 address without brackets. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

export interface EndpointPlan {
  /** By the containers' names, so that what is beyond a bound is always the same. */
  readonly endpoints: readonly MetricsEndpoint[];
  /** Why something that was asked for is not read, in words. */
  readonly problems: readonly string[];
}

/** A host that is asked for more is wrong: they could not be read every 15 s. */
export const MAX_ENDPOINTS = 500;

/**
 * Where figures are read: of what services name, and of what labels of containers name. Only a container's own address is
 * ever called. A service's target that is a container's address, or a port that a container publishes on this host, stands
 * for that container, and its replicas for each of them; any other host is left alone. For one port of a container the
 * service's word counts, not the label's.
 */
export function planEndpoints(sites: readonly PolledSite[], containers: readonly PolledContainer[]): EndpointPlan {
  const endpoints = new Map<string, MetricsEndpoint>();
  const problems = new Set<string>();
  const portsOfServices = new Set<string>();

  const add = (container: PolledContainer, port: number, path: string, asker: string): void => {
    const { id, name, state } = container.observed;
    // One that does not run has nothing to tell, which is no problem.
    if (state !== 'running') return;
    const address = chooseOwnAddress(container, containers);
    if (address === null) problems.add(`${asker}: container "${name}" has no network address of its own`);
    else {
      const key = `${id} ${address} ${port} ${path}`;
      endpoints.set(key, { key, containerId: id, containerName: name, address, port, path });
    }
  };

  const addOfService = (container: PolledContainer, port: number, path: string, name: string): void => {
    portsOfServices.add(`${container.observed.id} ${port}`);
    add(container, port, path, `service "${name}"`);
  };

  for (const { serviceId, name, metricsPath: path, target, additionalTargets } of sites) {
    if (path === null) continue;
    for (const one of [target, ...additionalTargets]) {
      if (isReplicaTarget(one)) {
        const replicas = containers.filter(({ replicaOf }) => replicaOf === serviceId);
        for (const replica of replicas) addOfService(replica, one.port, path, name);
        continue;
      }
      const found = chooseContainerPort(one, containers);
      if (found === null) problems.add(`service "${name}": ${describe(one)} is no container of this node`);
      else addOfService(found.container, found.port, path, name);
    }
  }
  for (const container of containers) {
    const asked = parseMetricsLabels(container);
    if (asked === null) continue;
    const asker = `labels of container "${container.observed.name}"`;
    if ('problem' in asked) problems.add(`${asker}: ${asked.problem}`);
    else if (!portsOfServices.has(`${container.observed.id} ${asked.port}`)) {
      add(container, asked.port, asked.path, asker);
    }
  }

  const ordered = [...endpoints.values()].toSorted(
    (a, b) => compareText(a.containerName, b.containerName) || a.port - b.port || compareText(a.path, b.path),
  );
  if (ordered.length > MAX_ENDPOINTS) {
    problems.add(`${ordered.length} endpoints are asked for; the first ${MAX_ENDPOINTS} are read`);
  }
  return { endpoints: ordered.slice(0, MAX_ENDPOINTS), problems: [...problems] };
}

function describe(target: SingleTarget): string {
  return isContainerTarget(target) ? `container "${target.container}"` : `${target.host}:${target.port}`;
}
