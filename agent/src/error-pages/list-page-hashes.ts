import type { Site } from '@flotilla/contracts';

/** What sites need, each once. */
export function listPageHashes(sites: readonly Pick<Site, 'errorPageHashes'>[]): Set<string> {
  return new Set(sites.flatMap(({ errorPageHashes }) => Object.values(errorPageHashes)));
}
