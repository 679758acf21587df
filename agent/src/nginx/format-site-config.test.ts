import { siteConfig } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { formatSiteConfig } from './format-site-config.ts';
import { buildSite } from './testing/build-site.ts';

const { serviceId } = buildSite();

it('shows a file whole', () => {
  expect(formatSiteConfig(serviceId, 3, 'server {}\n')).toEqual({ serviceId, serviceRevision: 3, text: 'server {}\n' });
});

it('cuts a file that no heartbeat may carry, and says so', () => {
  const shown = formatSiteConfig(serviceId, 3, 'x'.repeat(300_000));
  expect(siteConfig.safeParse(shown).success).toBe(true);
  expect(shown.text).toMatch(/x\n# … the rest is on the node\n$/);
});
