import type { Target } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import type { Directive } from '../directive.ts';
import { formatDirectives } from '../format-directives.ts';
import { buildSite } from '../testing/build-site.ts';
import { meaningOf, readBack } from '../testing/read-back.ts';
import { buildRenderOptions, buildResolvedSite } from '../testing/build-resolved-site.ts';
import { accessLog, loggedService } from './access-log.ts';
import { accessRules, accessVariables } from './access.ts';
import { banRules } from './bans.ts';
import { basicAuth } from './basic-auth.ts';
import { controlServer } from './control-server.ts';
import { defaultServers } from './default-servers.ts';
import { errorPages, errorPageVariables } from './error-pages.ts';
import { gzip, gzipDefaults } from './gzip.ts';
import { proxyHeaders, requestHeaders, responseHeaders } from './headers.ts';
import { bodySize, timeouts } from './limits.ts';
import { listen } from './listen.ts';
import { locations } from './locations.ts';
import { maintenanceDefaults, maintenanceRules, maintenanceVariables } from './maintenance.ts';
import { forwardedProtoVariables, realIp } from './real-ip.ts';
import { redirect, redirectToHttps } from './redirect.ts';
import { limitDefaults, limitZones, requestLimits } from './request-limits.ts';
import { serverNames } from './server-names.ts';
import { hsts, hstsVariables, tlsCertificate, tlsDefaults, tlsListen } from './tls.ts';
import { upstream } from './upstream.ts';
import { connectionHeaders, websocketVariables } from './websocket.ts';

const serviceId = '0190a0b0-1111-7222-8333-444455556666';
const options = buildRenderOptions();
const site = (draft: Parameters<typeof buildSite>[0]) => buildSite({ serviceId, ...draft });
const target = (draft: object): Target => site({ target: draft as Target }).target;

const access = { allow: ['10.0.0.0/8', '2001:db8::/32'], deny: ['10.66.0.0/16', '10.66.0.0/16'] };
const maintenance = { enabled: true, allowFrom: ['192.0.2.0/24'] };
const firewall = {
  banAnswer: 'forbidden',
  requestLimit: { requestsPerSecond: 20, burst: 40 },
  connectionLimit: 10,
  banAbove: null,
} as const;
const trustedProxies = ['10.0.0.0/8', '127.0.0.1/32'];

const pageFiles = new Map([
  ['404', `${'a'.repeat(32)}.html`],
  ['500', `${'c'.repeat(32)}.html`],
  ['502', `${'c'.repeat(32)}.html`],
]);

const cases: Record<string, Directive[]> = {
  upstream: [
    upstream('one_address', [
      { target: target({ host: '192.0.2.1', port: 80 }), endpoints: [{ address: '192.0.2.1', port: 80 }] },
    ]),
    upstream(
      'several_targets',
      [
        {
          target: target({ host: 'api.internal', port: 80, weight: 3, maxFails: 0, failTimeoutMs: 1500 }),
          endpoints: [
            { address: '192.0.2.1', port: 80 },
            { address: '2001:db8::1', port: 80 },
          ],
        },
        { target: target({ container: 'api-2', port: 80, backup: true }), endpoints: [] },
      ],
      'least_connections',
    ),
    upstream(
      'by_client',
      [{ target: target({ host: '192.0.2.1', port: 80 }), endpoints: [{ address: '192.0.2.1', port: 80 }] }],
      'client_address',
    ),
    upstream('slow_start', [
      {
        target: target({ replicas: true, port: 80, weight: 2 }),
        endpoints: [1, 1, 0.25].map((share, index) => ({
          address: `172.17.0.${index + 2}`,
          port: 80,
          replica: { containerId: String(index).repeat(64), share },
        })),
      },
      { target: target({ host: '192.0.2.1', port: 80 }), endpoints: [{ address: '192.0.2.1', port: 80 }] },
    ]),
    upstream('no_replica', [{ target: target({ replicas: true, port: 80 }), endpoints: [] }]),
  ],
  listen: [
    ...listen(options, 80),
    ...listen({ ...options, listenAddress: '2001:db8::1' }, 80),
    ...listen({ ...options, hasIpv6: false }, 80),
  ],
  'server-names': [serverNames(['app.example.com', '*.example.com', 'xn--e1afmkfd.xn--p1ai'])],
  'tls-until-1.25.0': [
    ...tlsListen(options, true),
    ...tlsListen(options, false),
    ...tlsCertificate({ file: '/flotilla/certificates/a.pem', hasOcsp: false, isStandIn: false }),
    ...tlsCertificate({ file: '/flotilla/certificates/b.pem', hasOcsp: true, isStandIn: false }),
  ],
  'tls-since-1.25.1': [
    ...tlsListen({ ...options, nginxVersion: [1, 25, 1] }, true),
    ...tlsListen({ ...options, nginxVersion: [1, 28, 0] }, false),
  ],
  'tls-defaults': tlsDefaults(),
  hsts: [
    ...hstsVariables(serviceId, site({ tls: { mode: 'self_signed', hstsSeconds: 31_536_000 } }).tls),
    ...hsts(serviceId, site({ tls: { mode: 'self_signed', hstsSeconds: 31_536_000 } }).tls),
    ...hstsVariables(serviceId, site({}).tls),
    ...hsts(serviceId, site({}).tls),
  ],
  gzip: [...gzipDefaults(), gzip(true), gzip(false)],
  limits: [bodySize(0), bodySize(67_108_864), ...timeouts({ connectMs: 5000, readMs: 60_000, sendMs: 60_000 })],
  'real-ip': [
    ...realIp([]),
    ...forwardedProtoVariables(serviceId, []),
    ...realIp(trustedProxies),
    ...forwardedProtoVariables(serviceId, trustedProxies),
  ],
  headers: [
    ...proxyHeaders('$scheme'),
    ...requestHeaders([{ name: 'X-Team', value: 'shop "A"; $request_id' }]),
    ...responseHeaders([{ name: 'X-Frame-Options', value: 'DENY' }]),
  ],
  websocket: [...websocketVariables(), ...connectionHeaders(true), ...connectionHeaders(false)],
  access: [
    ...accessVariables(serviceId, access),
    ...accessRules(serviceId, access),
    ...accessRules(serviceId, { allow: [], deny: [] }),
  ],
  bans: [...banRules(serviceId, firewall), ...banRules(serviceId, { ...firewall, banAnswer: 'close' })],
  'request-limits': [
    ...limitDefaults(),
    ...limitZones(serviceId, firewall),
    ...requestLimits(serviceId, firewall),
    ...requestLimits(serviceId, {
      ...firewall,
      requestLimit: { requestsPerSecond: 1, burst: 0 },
      connectionLimit: null,
    }),
    ...limitZones(serviceId, { ...firewall, requestLimit: null, connectionLimit: null }),
  ],
  'error-pages': [
    ...errorPageVariables(),
    ...errorPages(pageFiles, { root: '/flotilla', interceptsUpstreamErrors: true, headers: [] }),
    ...errorPages(new Map([['404', 'b'.repeat(32) + '.html']]), {
      root: '/flotilla',
      interceptsUpstreamErrors: false,
      headers: [{ name: 'cache-control', value: 'max-age=1' }],
    }),
    ...errorPages(new Map(), { root: '/flotilla', interceptsUpstreamErrors: true, headers: [] }),
  ],
  maintenance: [
    ...maintenanceDefaults(),
    ...maintenanceVariables(serviceId, maintenance),
    ...maintenanceRules(serviceId, maintenance),
  ],
  'basic-auth': basicAuth('Staff only', '/flotilla/auth/a'),
  redirect: [
    redirect({ to: 'https://www.example.com/', status: 301, keepPath: true }),
    redirect({ to: 'https://www.example.com/sale?x=1', status: 302, keepPath: false }),
    redirectToHttps(443),
    redirectToHttps(8444),
  ],
  locations: locations(
    buildResolvedSite({
      serviceId,
      targetProtocol: 'https',
      locations: [
        { path: '/api', target: { container: 'api', port: 80 }, stripPath: true },
        { path: '/api', match: 'exact', target: { host: 'exact.internal', port: 80 } },
        { path: '/files/', target: { host: '192.0.2.7', port: 80 } },
        { path: '/jobs/', target: { replicas: true, port: 80 } },
      ],
    }),
  ),
  'default-servers': [...defaultServers(options), ...defaultServers({ ...options, isHttpsServed: false })],
  'access-log': [...accessLog('/flotilla/logs/access.log'), loggedService(serviceId)],
  'control-server': [controlServer('/flotilla/run/control.sock', 'c0ffee')],
};

describe('each block, as a person reads it', () => {
  it.each(Object.entries(cases))('%s', async (name, directives) => {
    const text = formatDirectives(directives);
    await expect(text).toMatchFileSnapshot(`./golden/${name}.conf`);
    expect(readBack(text)).toEqual(meaningOf(directives));
  });
});
