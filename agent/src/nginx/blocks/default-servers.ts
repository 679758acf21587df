import { block, directive, type Directive } from '../directive.ts';
import type { RenderOptions } from '../render-options.ts';
import { listen } from './listen.ts';

/** Hosts that no site has: the connection is closed without an answer (444), and TLS ends in the handshake. */
export function defaultServers(options: RenderOptions): Directive[] {
  const closed = [directive('server_name', '_'), directive('return', 444)];
  return [
    block('server', [], [...listen(options, options.httpPort, 'default_server'), ...closed]),
    ...(options.isHttpsServed
      ? [
          block(
            'server',
            [],
            [
              ...listen(options, options.httpsPort, 'ssl', 'default_server'),
              directive('ssl_reject_handshake', 'on'),
              ...closed,
            ],
          ),
        ]
      : []),
  ];
}
