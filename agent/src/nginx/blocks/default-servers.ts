import { block, directive, type Directive } from '../directive.ts';
import type { RenderOptions } from '../render-options.ts';
import { listen } from './listen.ts';

/**
 * Of the whole port. `deferred` (TCP_DEFER_ACCEPT, tcp(7)): a connection is nginx's when its first bytes are there. One that
 * a browser opens ahead would else belong to a worker that a reload makes old, and its first request, a minute later,
 * would go where that worker's configuration says.
 */
const PORT_FLAGS = ['default_server', 'deferred'] as const;

/** Hosts that no site has: the connection is closed without an answer (444), and TLS ends in the handshake. */
export function defaultServers(options: RenderOptions): Directive[] {
  const closed = [directive('server_name', '_'), directive('return', 444)];
  return [
    block('server', [], [...listen(options, options.httpPort, ...PORT_FLAGS), ...closed]),
    ...(options.isHttpsServed
      ? [
          block(
            'server',
            [],
            [
              ...listen(options, options.httpsPort, 'ssl', ...PORT_FLAGS),
              directive('ssl_reject_handshake', 'on'),
              ...closed,
            ],
          ),
        ]
      : []),
  ];
}
