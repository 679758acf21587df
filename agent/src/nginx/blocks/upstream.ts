import { isContainerTarget, type Site } from '@flotilla/contracts';
import { block, commented, directive, type Directive } from '../directive.ts';
import type { Endpoint } from '../proxy.ts';
import type { ResolvedTarget } from '../resolved-site.ts';

/** Idle connections that each worker keeps to the upstream: without, a request costs a handshake (a quarter of the rate). */
const KEEPALIVE_CONNECTIONS = 32;
/** A target that is away: nginx answers 502 at once, and hashes over the list stay as they were. */
const NOWHERE: Endpoint = { address: '127.0.0.1', port: 9 };

const methods = { round_robin: [], least_connections: ['least_conn'], client_address: ['ip_hash'] } as const;

/** nginx's group of the addresses that requests go to. */
export function upstream(
  name: string,
  targets: readonly ResolvedTarget[],
  balancing: Site['balancing'] = 'round_robin',
): Directive {
  const servers = targets.flatMap(serversOf);
  return block(
    'upstream',
    [name],
    [
      // Shared memory lets the workers count connections and failures together; one server has nothing to share.
      ...(servers.length > 1 ? [directive('zone', name, servers.length > 64 ? '512k' : '64k')] : []),
      ...methods[balancing].map((method) => directive(method)),
      ...servers,
      directive('keepalive', KEEPALIVE_CONNECTIONS),
    ],
  );
}

function serversOf({ target, endpoints }: ResolvedTarget): Directive[] {
  const label = isContainerTarget(target) ? `container ${target.container}` : target.host;
  if (endpoints.length === 0) {
    return [commented(`${label}: away`, directive('server', formatEndpoint(NOWHERE), 'down'))];
  }
  const options = [
    ...(target.weight === 1 ? [] : [`weight=${target.weight}`]),
    `max_fails=${target.maxFails}`,
    // nginx takes whole seconds here.
    `fail_timeout=${Math.ceil(target.failTimeoutMs / 1000)}s`,
    ...(target.backup ? ['backup'] : []),
  ];
  return endpoints.map((endpoint) => {
    const server = directive('server', formatEndpoint(endpoint), ...options);
    return endpoint.address === label ? server : commented(label, server);
  });
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
