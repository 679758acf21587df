import { block, directive, type Directive } from '../directive.ts';

/**
 * Tells the agent which release nginx serves, on a Unix socket that no network reaches. `nginx -t` and the reload both
 * report success when a port is taken and nothing changes, so only nginx's own answer counts.
 */
export function controlServer(socket: string, releaseId: string): Directive {
  return block(
    'server',
    [],
    [
      directive('listen', `unix:${socket}`),
      directive('access_log', 'off'),
      directive('keepalive_timeout', 0),
      directive('default_type', 'text/plain'),
      block('location', ['=', '/revision'], [directive('return', 200, releaseId)]),
      block('location', ['/'], [directive('return', 404)]),
    ],
  );
}
