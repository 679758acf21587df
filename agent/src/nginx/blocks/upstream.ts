import { isContainerTarget, isReplicaTarget, type Site, type Target } from '@flotilla/contracts';
import { chooseWeights } from '../choose-weights.ts';
import { block, commented, directive, type Directive } from '../directive.ts';
import type { Endpoint } from '../proxy.ts';
import type { ResolvedEndpoint, ResolvedTarget } from '../resolved-site.ts';

/** Idle connections that each worker keeps to the upstream: without, a request costs a handshake (a quarter of the rate). */
const KEEPALIVE_CONNECTIONS = 32;
/** A target that is away: nginx answers 502 at once, and hashes over the list stay as they were. */
const NOWHERE: Endpoint = { address: '127.0.0.1', port: 9 };
/** nginx 1.22 has room for 63 servers in a zone of 64 kB, and refuses one more; half of it, should another need more. */
const SMALL_ZONE_SERVERS = 32;
const LARGE_ZONE = { kilobytes: 512, servers: 256 } as const;
const SHORT_ID_LENGTH = 12;

const methods = { round_robin: [], least_connections: ['least_conn'], client_address: ['ip_hash'] } as const;

/** nginx's group of the addresses that requests go to. */
export function upstream(
  name: string,
  targets: readonly ResolvedTarget[],
  balancing: Site['balancing'] = 'round_robin',
): Directive {
  const servers = serversOf(targets);
  return block(
    'upstream',
    [name],
    [
      // Shared memory lets the workers count connections and failures together; one server has nothing to share.
      ...(servers.length > 1 ? [directive('zone', name, chooseZoneSize(servers.length))] : []),
      ...methods[balancing].map((method) => directive(method)),
      ...servers,
      directive('keepalive', KEEPALIVE_CONNECTIONS),
    ],
  );
}

function chooseZoneSize(serverCount: number): string {
  if (serverCount <= SMALL_ZONE_SERVERS) return '64k';
  return `${LARGE_ZONE.kilobytes * Math.ceil(serverCount / LARGE_ZONE.servers)}k`;
}

function serversOf(targets: readonly ResolvedTarget[]): Directive[] {
  const servers = targets.flatMap(({ target, endpoints }) => {
    const present: readonly (ResolvedEndpoint | null)[] = endpoints.length === 0 ? [null] : endpoints;
    return present.map((endpoint) => ({ target, endpoint }));
  });
  const weights = chooseWeights(
    servers.map(({ target, endpoint }) => ({ weight: target.weight, share: endpoint?.replica?.share ?? 1 })),
  );
  return servers.map(({ target, endpoint }, index) =>
    endpoint === null ? away(target) : server(target, endpoint, weights[index] ?? target.weight),
  );
}

function away(target: Target): Directive {
  const comment = isReplicaTarget(target) ? 'replicas: none is ready' : `${labelOf(target)}: away`;
  return commented(comment, directive('server', formatEndpoint(NOWHERE), 'down'));
}

function server(target: Target, endpoint: ResolvedEndpoint, weight: number): Directive {
  const options = [
    ...(weight === 1 ? [] : [`weight=${weight}`]),
    `max_fails=${target.maxFails}`,
    // nginx takes whole seconds here.
    `fail_timeout=${Math.ceil(target.failTimeoutMs / 1000)}s`,
    ...(target.backup ? ['backup'] : []),
  ];
  const line = directive('server', formatEndpoint(endpoint), ...options);
  const label = labelOf(target, endpoint);
  return endpoint.address === label ? line : commented(label, line);
}

function labelOf(target: Target, endpoint?: ResolvedEndpoint): string {
  if (isReplicaTarget(target)) return `replica ${endpoint?.replica?.containerId.slice(0, SHORT_ID_LENGTH) ?? ''}`;
  return isContainerTarget(target) ? `container ${target.container}` : target.host;
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
