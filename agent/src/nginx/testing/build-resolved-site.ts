import { isContainerTarget, isReplicaTarget, type Site, type Target } from '@flotilla/contracts';
import { planErrorPages } from '../error-pages/plan-error-pages.ts';
import type { RenderOptions } from '../render-options.ts';
import type { ResolvedSite, ResolvedTarget } from '../resolved-site.ts';
import { buildSite, type SiteDraft } from './build-site.ts';

export function buildRenderOptions(overrides: Partial<RenderOptions> = {}): RenderOptions {
  return {
    nginxVersion: [1, 22, 1],
    listenAddress: null,
    httpPort: 80,
    httpsPort: 443,
    isHttpsServed: true,
    hasIpv6: true,
    root: '/flotilla',
    controlSocket: '/flotilla/run/control.sock',
    workerCount: 2,
    workerUser: 'www-data',
    ...overrides,
  };
}

/** A site whose targets all have one address. */
export function buildResolvedSite(draft: Partial<SiteDraft> = {}): ResolvedSite {
  const site = buildSite(draft);
  return {
    site,
    targets: [site.target, ...site.additionalTargets].map(resolve),
    locations: site.locations.map((location) => ({ location, target: resolve(location.target) })),
    certificate:
      site.tls.mode === 'off'
        ? null
        : { file: '/flotilla/certificates/shop.pem', hasOcsp: false, isStandIn: isStandIn(site) },
    errorPageFiles: new Map(
      [...planErrorPages(site.errorPageHashes)].map(([status, { hash }]) => [status, fileOf(hash)]),
    ),
    passwordFile: site.basicAuth === null ? null : '/flotilla/auth/shop',
  };
}

function isStandIn({ tls, certificateHash }: Site): boolean {
  return tls.mode === 'certificate' && certificateHash === null;
}

function fileOf(hash: string): string {
  return `${hash.slice(0, 32)}.html`;
}

function resolve(target: Target): ResolvedTarget {
  const address = isContainerTarget(target) || isReplicaTarget(target) ? '172.17.0.2' : '192.0.2.10';
  return { target, endpoints: [{ address, port: target.port }] };
}
