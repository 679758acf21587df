import type { DesiredState } from '@flotilla/contracts';
import type { Certificates } from './certificates/start-certificates.ts';
import type { ErrorPages } from './error-pages/start-error-pages.ts';
import type { Proxy } from './nginx/index.ts';
import type { Replicas } from './replicas/start-replicas.ts';

export interface DesiredStateParts {
  readonly proxy: Pick<Proxy, 'apply'>;
  readonly replicas: Pick<Replicas, 'announce' | 'settle'>;
  readonly certificates: Pick<Certificates, 'prepare'>;
  readonly errorPages: Pick<ErrorPages, 'prepare' | 'settle'>;
}

/**
 * Puts a desired state in place. Replicas, certificates and error pages first: nginx needs them. What nobody wants any more goes
 * last, when nginx no longer uses it. One that a newer one overtakes while something is fetched is left out, so that it never
 * comes last.
 */
export function createDesiredStateApplier({ proxy, replicas, certificates, errorPages }: DesiredStateParts) {
  let newest: DesiredState | null = null;
  return async (desired: DesiredState): ReturnType<Proxy['apply']> => {
    newest = desired;
    replicas.announce(desired.sites);
    await Promise.all([certificates.prepare(desired.sites), errorPages.prepare(desired.sites)]);
    if (newest !== desired) return { outcome: 'superseded', revision: desired.revision };
    const outcome = await proxy.apply(desired);
    if (outcome.outcome !== 'applied') return outcome;
    // What was refused is served as it was, by the replicas and with the pages that it had.
    replicas.settle(desired.sites, new Set(outcome.rejectedSites.map(({ serviceId }) => serviceId)));
    if (outcome.rejectedSites.length === 0 && newest === desired) await errorPages.settle(desired.sites);
    return outcome;
  };
}
