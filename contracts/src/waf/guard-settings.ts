import { z } from 'zod';
import { domainName } from '../values/domain-name.ts';

/** The engines behind which whole countries look for things. Their documentation names these suffixes. */
const KNOWN_CRAWLERS = [
  'googlebot.com',
  'google.com',
  'search.msn.com',
  'applebot.apple.com',
  'crawl.yahoo.net',
  'yandex.com',
  'yandex.net',
  'yandex.ru',
];
const suffix = domainName.refine((name) => name.includes('.') && !name.startsWith('*'), {
  message: 'is not the end of a host name, such as googlebot.com',
});

/** How much is banned before a person is asked. */
export const wafGuards = z.strictObject({
  /** Bans by rules in any minute, of the whole fleet. */
  maxBansPerMinute: z.number().int().min(1, 'must be at least 1').max(10_000).default(300),
  /** Of the last ten minutes' ordinary traffic, what the bans of one rule may cover; beyond it they are held. */
  maxOrdinaryShare: z.number().min(0.01, 'must be at least 0.01').max(1).default(0.2),
  /** Nodes that must each have seen enough before a rule bans on all. Never one: an agent may be somebody else's. */
  leastAgentsForFleet: z.number().int().min(2, 'must be at least 2').max(20).default(2),
  /** Widest network of IPv4 that a rule bans: a number from 24, a whole /24, to 32, single addresses only. */
  widestRulePrefix: z.number().int().min(24, 'must be at least 24').max(32).default(24),
  /** Widest networks that operators ban. */
  widestOperatorPrefix: z
    .strictObject({
      ipv4: z.number().int().min(8, 'must be at least 8').max(32),
      ipv6: z.number().int().min(24, 'must be at least 24').max(64),
    })
    .default({ ipv4: 8, ipv6: 24 }),
  /** Whether crawlers are spared whose host name ends with one of `crawlerDomains` and leads back to their address. */
  sparesCrawlers: z.boolean().default(false),
  crawlerDomains: z.array(suffix).max(50).default(KNOWN_CRAWLERS),
});
export type WafGuards = z.infer<typeof wafGuards>;
export const SHIPPED_GUARDS: WafGuards = wafGuards.parse({});
