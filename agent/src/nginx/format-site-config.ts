import type { SiteConfig } from '@flotilla/contracts';

/** What a heartbeat may carry of one site (contracts: `siteConfig`). */
const LONGEST_TEXT = 200_000;
const CUT_NOTE = '\n# … the rest is on the node\n';

/** A site's file for the dashboard; a longer one is cut, and says so. */
export function formatSiteConfig(serviceId: string, serviceRevision: number, text: string): SiteConfig {
  const shown = text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - CUT_NOTE.length)}${CUT_NOTE}`;
  return { serviceId, serviceRevision, text: shown };
}
