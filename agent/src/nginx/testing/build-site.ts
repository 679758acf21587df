import { desiredState, site, type DesiredState, type Site } from '@flotilla/contracts';
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';

export type SiteDraft = z.input<typeof site>;

/** A valid site; name only what the test is about. */
export function buildSite(draft: Partial<SiteDraft> = {}): Site {
  return site.parse({
    serviceId: randomUUID(),
    serviceRevision: 1,
    name: 'Shop',
    domains: ['shop.example.com'],
    target: { host: '192.0.2.10', port: 8080 },
    basicAuth: null,
    ...draft,
  });
}

export function buildDesiredState(...sites: Site[]): DesiredState {
  return desiredState.parse({ revision: revisionOf(sites), sites });
}

export function revisionOf(sites: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(sites)).digest('hex');
}

/** `{SSHA}` as the Core makes it (RFC 2307). */
export function hashPassword(password: string, salt = Buffer.from('salt-of-16-bytes')): string {
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}
