import { directive, type Directive } from '../directive.ts';
import type { RenderOptions } from '../render-options.ts';

/**
 * `listen` for one port, on IPv4 and IPv6 unless the node serves on one address.
 * @param flags such as `ssl` or `default_server`
 */
export function listen(options: RenderOptions, port: number, ...flags: string[]): Directive[] {
  const { listenAddress, hasIpv6 } = options;
  if (listenAddress !== null) {
    const host = listenAddress.includes(':') ? `[${listenAddress}]` : listenAddress;
    return [directive('listen', `${host}:${port}`, ...flags)];
  }
  return [directive('listen', port, ...flags), ...(hasIpv6 ? [directive('listen', `[::]:${port}`, ...flags)] : [])];
}
