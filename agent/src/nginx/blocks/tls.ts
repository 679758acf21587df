import type { Site } from '@flotilla/contracts';
import { block, directive, type Directive } from '../directive.ts';
import { isAtLeast, type RenderOptions } from '../render-options.ts';
import type { ResolvedCertificate } from '../resolved-site.ts';
import { listen } from './listen.ts';
import { siteVariable } from './names.ts';

/** Since this version HTTP/2 is a directive of each server; before, it is a flag of the whole port. */
const HTTP2_DIRECTIVE_SINCE = [1, 25, 1] as const;

/** Listens with TLS. Before nginx 1.25.1 one site with HTTP/2 turns it on for all sites of the port. */
export function tlsListen(options: RenderOptions, http2: boolean): Directive[] {
  if (isAtLeast(options.nginxVersion, HTTP2_DIRECTIVE_SINCE)) {
    return [...listen(options, options.httpsPort, 'ssl'), directive('http2', http2 ? 'on' : 'off')];
  }
  return listen(options, options.httpsPort, 'ssl', ...(http2 ? ['http2'] : []));
}

/** Certificate, chain and key are one PEM file. With OCSP, nginx asks the authority and sends its answer along (RFC 6066, 8). */
export function tlsCertificate({ file, hasOcsp }: ResolvedCertificate): Directive[] {
  return [
    directive('ssl_certificate', file),
    directive('ssl_certificate_key', file),
    ...(hasOcsp ? [directive('ssl_stapling', 'on')] : []),
  ];
}

/** Browsers are told by HTTPS only (RFC 6797, 7.2): a header whose value is empty is not sent. For the http level. */
export function hstsVariables(serviceId: string, { hstsSeconds }: Site['tls']): Directive[] {
  if (hstsSeconds === null) return [];
  return [
    block(
      'map',
      ['$https', `$${siteVariable(serviceId, 'hsts')}`],
      [directive('default', ''), directive('on', `max-age=${hstsSeconds}`)],
    ),
  ];
}

export function hsts(serviceId: string, { hstsSeconds }: Site['tls']): Directive[] {
  if (hstsSeconds === null) return [];
  const name = 'Strict-Transport-Security';
  return [
    directive('proxy_hide_header', name),
    directive('add_header', name, `$${siteVariable(serviceId, 'hsts')}`, 'always'),
  ];
}

/**
 * What holds for all sites (Mozilla's "intermediate" profile). No session tickets: their key would live as long as the
 * master process, and with it the secrecy of every recorded session.
 */
export function tlsDefaults(): Directive[] {
  return [
    directive('ssl_protocols', 'TLSv1.2', 'TLSv1.3'),
    directive(
      'ssl_ciphers',
      [
        'ECDHE-ECDSA-AES128-GCM-SHA256',
        'ECDHE-RSA-AES128-GCM-SHA256',
        'ECDHE-ECDSA-AES256-GCM-SHA384',
        'ECDHE-RSA-AES256-GCM-SHA384',
        'ECDHE-ECDSA-CHACHA20-POLY1305',
        'ECDHE-RSA-CHACHA20-POLY1305',
      ].join(':'),
    ),
    directive('ssl_prefer_server_ciphers', 'off'),
    directive('ssl_session_cache', 'shared:flotilla_tls:10m'),
    directive('ssl_session_timeout', '1d'),
    directive('ssl_session_tickets', 'off'),
  ];
}
