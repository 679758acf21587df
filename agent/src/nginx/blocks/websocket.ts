import { block, directive, type Directive } from '../directive.ts';

/**
 * Only `websocket` may travel on: a forwarded `Upgrade: h2c` opens a tunnel past every rule of the proxy (request
 * smuggling). For the http level.
 */
export function websocketVariables(): Directive[] {
  return [
    block(
      'map',
      ['$http_upgrade', '$flotilla_upgrade'],
      [directive('default', ''), directive('~*^websocket$', 'websocket')],
    ),
    block(
      'map',
      ['$flotilla_upgrade', '$flotilla_connection'],
      [directive('default', ''), directive('websocket', 'upgrade')],
    ),
  ];
}

/** An empty Connection header keeps the connection to the target open for the next request. */
export function connectionHeaders(isWebsocketOn: boolean): Directive[] {
  if (!isWebsocketOn) return [directive('proxy_set_header', 'Connection', '')];
  return [
    directive('proxy_set_header', 'Upgrade', '$flotilla_upgrade'),
    directive('proxy_set_header', 'Connection', '$flotilla_connection'),
  ];
}
