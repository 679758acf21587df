import { loggedService } from './blocks/access-log.ts';
import { accessRules, accessVariables } from './blocks/access.ts';
import { banRules } from './blocks/bans.ts';
import { basicAuth } from './blocks/basic-auth.ts';
import { errorPages } from './blocks/error-pages.ts';
import { gzip } from './blocks/gzip.ts';
import { proxyHeaders, requestHeaders, responseHeaders } from './blocks/headers.ts';
import { bodySize, timeouts } from './blocks/limits.ts';
import { listen } from './blocks/listen.ts';
import { locations } from './blocks/locations.ts';
import { maintenanceRules, maintenanceVariables } from './blocks/maintenance.ts';
import { upstreamName } from './blocks/names.ts';
import { forwardedProto, forwardedProtoVariables, realIp } from './blocks/real-ip.ts';
import { redirect, redirectToHttps } from './blocks/redirect.ts';
import { limitZones, requestLimits } from './blocks/request-limits.ts';
import { serverNames } from './blocks/server-names.ts';
import { hsts, hstsVariables, tlsCertificate, tlsListen } from './blocks/tls.ts';
import { upstream } from './blocks/upstream.ts';
import { connectionHeaders } from './blocks/websocket.ts';
import { block, commented, type Directive } from './directive.ts';
import { formatDirectives } from './format-directives.ts';
import type { RenderOptions } from './render-options.ts';
import type { ResolvedSite } from './resolved-site.ts';

/** The nginx file of one site, to be included in `http`. @throws UnsafeValueError */
export function renderSite(resolved: ResolvedSite, options: RenderOptions): string {
  const { serviceId, name } = resolved.site;
  const [first, ...rest] = [...variables(resolved), ...upstreams(resolved), ...servers(resolved, options)];
  if (first === undefined) return '';
  // Without the revision: a new one with an equal file is no reason to reload.
  return formatDirectives([commented(`${name}: service ${serviceId}`, first), ...rest]);
}

function variables({ site, certificate }: ResolvedSite): Directive[] {
  return [
    ...forwardedProtoVariables(site.serviceId, site.trustedProxies),
    ...accessVariables(site.serviceId, site.access),
    ...limitZones(site.serviceId, site.firewall),
    ...maintenanceVariables(site.serviceId, site.maintenance),
    ...(certificate !== null && !certificate.isStandIn ? hstsVariables(site.serviceId, site.tls) : []),
  ];
}

function upstreams({ site, targets, locations: paths }: ResolvedSite): Directive[] {
  return [
    ...(targets.length > 0 ? [upstream(upstreamName(site.serviceId), targets, site.balancing)] : []),
    ...paths.map(({ target }, index) => upstream(upstreamName(site.serviceId, index), [target])),
  ];
}

function servers(resolved: ResolvedSite, options: RenderOptions): Directive[] {
  const { site, certificate } = resolved;
  const plain = listen(options, options.httpPort);
  const names = serverNames(site.domains);
  const content = serverContent(resolved, options);
  if (certificate === null) return [block('server', [], [...plain, names, ...content])];

  const tls = [...tlsListen(options, site.tls.http2), names, ...tlsCertificate(certificate)];
  if (!site.tls.redirectHttp || certificate.isStandIn) return [block('server', [], [...plain, ...tls, ...content])];
  return [
    block('server', [], [...plain, names, loggedService(site.serviceId), redirectToHttps(options.httpsPort)]),
    block('server', [], [...tls, ...content]),
  ];
}

function serverContent(resolved: ResolvedSite, { root }: RenderOptions): Directive[] {
  const { site, certificate, passwordFile } = resolved;
  const { interceptsUpstreamErrors } = site.errorPages;
  const rules = [
    loggedService(site.serviceId),
    ...errorPages(resolved.errorPageFiles, { root, interceptsUpstreamErrors, headers: site.responseHeaders }),
    ...realIp(site.trustedProxies),
    ...banRules(site.serviceId, site.firewall),
    ...requestLimits(site.serviceId, site.firewall),
    ...accessRules(site.serviceId, site.access),
    ...maintenanceRules(site.serviceId, site.maintenance),
    ...(certificate !== null && !certificate.isStandIn ? hsts(site.serviceId, site.tls) : []),
    ...responseHeaders(site.responseHeaders),
  ];
  if (site.redirect !== null) return [...rules, redirect(site.redirect)];
  return [
    ...rules,
    ...(site.basicAuth !== null && passwordFile !== null ? basicAuth(site.basicAuth.realm, passwordFile) : []),
    bodySize(site.maxBodyBytes),
    gzip(site.gzip),
    ...timeouts(site.timeouts),
    ...proxyHeaders(forwardedProto(site.serviceId, site.trustedProxies)),
    ...connectionHeaders(site.websocket),
    ...requestHeaders(site.requestHeaders),
    ...locations(resolved),
  ];
}
