import type { HeaderSetting } from '@flotilla/contracts';
import { directive, type Directive } from '../directive.ts';

/**
 * What the target is told of the request. X-Forwarded-For is the one address that is known to be true: what a client
 * wrote there itself does not travel on.
 * @param proto variable with the client's scheme
 */
export function proxyHeaders(proto: string): Directive[] {
  return [
    directive('proxy_set_header', 'Host', '$host$flotilla_host_port'),
    directive('proxy_set_header', 'X-Real-IP', '$remote_addr'),
    directive('proxy_set_header', 'X-Forwarded-For', '$remote_addr'),
    directive('proxy_set_header', 'X-Forwarded-Proto', proto),
    directive('proxy_set_header', 'X-Forwarded-Host', '$host$flotilla_host_port'),
    directive('proxy_set_header', 'X-Request-ID', '$request_id'),
    // httpoxy (CVE-2016-5385): CGI programs take it for a setting of theirs.
    directive('proxy_set_header', 'Proxy', ''),
  ];
}

export function requestHeaders(headers: readonly HeaderSetting[]): Directive[] {
  return headers.map(({ name, value }) => directive('proxy_set_header', name, value));
}

/** Also on error pages; replaces what the target sent under the same name, as two different values help nobody. */
export function responseHeaders(headers: readonly HeaderSetting[]): Directive[] {
  return headers.flatMap(({ name, value }) => [
    directive('proxy_hide_header', name),
    directive('add_header', name, value, 'always'),
  ]);
}
