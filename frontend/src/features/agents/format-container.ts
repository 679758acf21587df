import type { ObservedContainer } from '@flotilla/contracts';

/** `8080→80/tcp`, or `80/tcp` for a port that the host does not publish. IPv4 and IPv6 bindings are one. */
export function formatPorts(ports: ObservedContainer['ports']): string {
  const texts = ports.map(({ containerPort, hostPort, protocol }) =>
    hostPort === null ? `${containerPort}/${protocol}` : `${hostPort}→${containerPort}/${protocol}`,
  );
  return texts.length === 0 ? '—' : [...new Set(texts)].join(', ');
}

/** `bridge 172.17.0.2`; the name alone while the container has no address. */
export function formatNetworks(networks: ObservedContainer['networks']): string {
  if (networks.length === 0) return '—';
  return networks.map(({ name, address }) => (address ? `${name} ${address}` : name)).join(', ');
}

/** The form of a new service that goes to this container, with its port when it has one only. */
export function formatServicePath(nodeId: string, { name, ports }: Pick<ObservedContainer, 'name' | 'ports'>): string {
  const open = [
    ...new Set(ports.filter(({ protocol }) => protocol === 'tcp').map(({ containerPort }) => containerPort)),
  ];
  const query = new URLSearchParams({ node: nodeId, container: name });
  if (open.length === 1) query.set('port', String(open[0]));
  return `/services/new?${query.toString()}`;
}
