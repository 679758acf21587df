import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDnsServer, type DnsServer } from '../testing/dns-server.ts';
import { CrawlerCheck, type CrawlerSettings } from './crawler-check.ts';

const CRAWLER = '203.0.113.7/32';
const FORGED = '203.0.113.8/32';
const OTHER = '203.0.113.9/32';
const NAMELESS = '203.0.113.10/32';
const SILENT = '203.0.113.11/32';
const LOOKALIKE = '203.0.113.12/32';

describe('whether somebody is a crawler', () => {
  let dns: DnsServer;
  let nowMs: number;
  let settings: CrawlerSettings;
  let crawlers: CrawlerCheck;
  beforeEach(async () => {
    dns = await startDnsServer(
      {
        names: {
          '203.0.113.7': 'crawl-7.googlebot.com',
          '203.0.113.8': 'crawl-7.googlebot.com',
          '203.0.113.9': 'host.example.net',
          '203.0.113.12': 'crawl.notgooglebot.com',
        },
        addresses: {
          'crawl-7.googlebot.com': '203.0.113.7',
          'host.example.net': '203.0.113.9',
          'crawl.notgooglebot.com': '203.0.113.12',
        },
      },
      ['11.113.0.203.in-addr.arpa'],
    );
    nowMs = 0;
    settings = { sparesCrawlers: true, crawlerDomains: ['googlebot.com'] };
    crawlers = new CrawlerCheck({ settings: () => settings, now: () => nowMs, lookup: dns.resolver });
  });
  afterEach(() => dns.stop());

  it.each([
    ['one whose name leads back to it', CRAWLER, true],
    ['one that has another’s name', FORGED, false],
    ['one of another domain', OTHER, false],
    ['one of a domain that ends alike', LOOKALIKE, false],
    ['one without a name', NAMELESS, false],
    ['one of whom nobody answers', SILENT, false],
    ['a network', '203.0.113.0/24', false],
    ['a /64, which has no name', '2001:db8::/64', false],
  ])('%s', async (_, target, isCrawler) => {
    expect(crawlers.knows(target), 'nobody has looked yet').toBe(false);
    expect(await crawlers.verify(target)).toBe(isCrawler);
    expect(crawlers.knows(target)).toBe(isCrawler);
  });

  it('is asked once, for a day or ten minutes', async () => {
    const targets = [CRAWLER, NAMELESS];
    await Promise.all([...targets, ...targets].map((target) => crawlers.verify(target)));
    const asked = dns.asked.length;
    expect(asked).toBe(3);
    await Promise.all(targets.map((target) => crawlers.verify(target)));
    expect(dns.asked).toHaveLength(asked);
    nowMs = 3_600_000;
    await Promise.all(targets.map((target) => crawlers.verify(target)));
    expect(dns.asked.slice(asked)).toEqual(['10.113.0.203.in-addr.arpa']);
  });

  it('is asked of nobody when operators do not want it, and at once when they do', async () => {
    settings = { ...settings, sparesCrawlers: false };
    expect(await crawlers.verify(CRAWLER)).toBe(false);
    expect(dns.asked).toEqual([]);
    settings = { ...settings, sparesCrawlers: true };
    expect(await crawlers.verify(CRAWLER)).toBe(true);
    settings = { sparesCrawlers: true, crawlerDomains: ['example.net'] };
    expect(crawlers.knows(CRAWLER)).toBe(false);
  });

  it('ends in time for many at once, whether anybody answers or not', async () => {
    const targets = Array.from({ length: 60 }, (_, index) => `198.51.100.${index}/32`);
    const found = await Promise.all([...targets, CRAWLER].map((target) => crawlers.verify(target)));
    expect(found.filter(Boolean)).toHaveLength(1);
  });
});
