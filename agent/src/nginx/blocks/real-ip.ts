import { block, directive, type Directive } from '../directive.ts';
import { siteVariable } from './names.ts';

/**
 * The client's address is the socket's peer, unless that is a trusted proxy: then it is the last address in
 * X-Forwarded-For that is not a trusted proxy either (http://nginx.org/en/docs/http/ngx_http_realip_module.html).
 */
export function realIp(trustedProxies: readonly string[]): Directive[] {
  if (trustedProxies.length === 0) return [];
  return [
    ...[...new Set(trustedProxies)].map((network) => directive('set_real_ip_from', network)),
    directive('real_ip_header', 'X-Forwarded-For'),
    directive('real_ip_recursive', 'on'),
  ];
}

/**
 * The scheme that the client used: a trusted proxy's word, else what nginx saw. For the http level.
 * `$realip_remote_addr` is the peer itself, whatever the forwarded header says.
 */
export function forwardedProtoVariables(serviceId: string, trustedProxies: readonly string[]): Directive[] {
  if (trustedProxies.length === 0) return [];
  const isTrusted = `$${siteVariable(serviceId, 'trusted')}`;
  return [
    block(
      'geo',
      ['$realip_remote_addr', isTrusted],
      [directive('default', 0), ...[...new Set(trustedProxies)].map((network) => directive(network, 1))],
    ),
    block(
      'map',
      [`${isTrusted}:$http_x_forwarded_proto`, `$${siteVariable(serviceId, 'proto')}`],
      [directive('default', '$scheme'), directive('1:http', 'http'), directive('1:https', 'https')],
    ),
  ];
}

/** The variable that holds the client's scheme for a site. */
export function forwardedProto(serviceId: string, trustedProxies: readonly string[]): string {
  return trustedProxies.length === 0 ? '$scheme' : `$${siteVariable(serviceId, 'proto')}`;
}
