import { z } from 'zod';
import { errorPageSettings } from '../error-pages/error-page-settings.ts';
import { cidr } from '../values/cidr.ts';
import { domainName } from '../values/domain-name.ts';
import { durationMs } from '../values/duration.ts';
import { headerSetting } from '../values/http-header.ts';
import { entityId } from '../values/identifiers.ts';
import { metricsPath } from '../values/metrics-path.ts';
import { redirectUrl, urlPath } from '../values/url-path.ts';
import { target } from './target.ts';

const MAX_DOMAINS = 100;
const MAX_TARGETS = 64;
const MAX_CIDRS = 1000;
const GIBIBYTE = 2 ** 30;

const cidrList = z.array(cidr).max(MAX_CIDRS, `must have at most ${MAX_CIDRS} entries`).default([]);
const headerList = z.array(headerSetting).max(50, 'must have at most 50 headers').default([]);

function findDuplicate(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}

export const domainList = z
  .array(domainName)
  .min(1, 'needs at least one domain')
  .max(MAX_DOMAINS, `must have at most ${MAX_DOMAINS} domains`)
  .superRefine((domains, context) => {
    const twice = findDuplicate(domains);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `names ${twice} twice` });
  });

/** Requests below `path` go to another target. */
export const pathLocation = z.strictObject({
  path: urlPath,
  match: z.enum(['prefix', 'exact']).default('prefix'),
  target,
  /** Whether the target sees the request without `path` in front. */
  stripPath: z.boolean().default(false),
});
export type PathLocation = z.infer<typeof pathLocation>;

export const redirectSettings = z.strictObject({
  to: redirectUrl,
  status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(308),
  /** Appends the request's path and query to `to`. */
  keepPath: z.boolean().default(true),
});

/** Two years, as lists of sites that browsers preload ask for. */
const MAX_HSTS_SECONDS = 63_072_000;

/**
 * TLS of a site. `self_signed` lets the agent make a certificate of its own, which browsers warn about:
 * for tests and for private networks. `certificate` serves one that the Core has; while there is none for the domains, the
 * agent's own one, without redirect and HSTS.
 */
export const tlsSettings = z
  .strictObject({
    mode: z.enum(['off', 'self_signed', 'certificate']).default('off'),
    /** Of `certificate`: this one; null for the one that covers the domains and lasts longest. */
    certificateId: entityId.nullable().default(null),
    redirectHttp: z.boolean().default(false),
    http2: z.boolean().default(true),
    /** Browsers come by HTTPS only for so long (RFC 6797); null for no such promise, 0 takes it back. */
    hstsSeconds: z.number().int().min(0).max(MAX_HSTS_SECONDS, 'must be two years at most').nullable().default(null),
  })
  .superRefine(({ mode, certificateId, hstsSeconds }, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (mode !== 'certificate' && certificateId !== null) refuse('certificateId', 'needs the mode `certificate`');
    if (mode === 'off' && (hstsSeconds ?? 0) > 0) refuse('hstsSeconds', 'needs TLS: browsers would find no site');
  });

const requestsPerSecond = z.number().int().min(1, 'must be at least 1').max(100_000);
const burst = z.number().int().min(0).max(100_000);

/** What is done about clients that ask for too much. */
const firewallSettings = z.strictObject({
  /** What a banned client gets: 403, or nothing, the connection is closed. */
  banAnswer: z.enum(['forbidden', 'close']).default('forbidden'),
  /** nginx answers 429 to what one client sends beyond; null for no limit. `burst` is let through at once before. */
  requestLimit: z.strictObject({ requestsPerSecond, burst }).nullable().default(null),
  /** Connections of one client at a time; nginx answers 429 on the others. Null for no limit. */
  connectionLimit: z.number().int().min(1, 'must be at least 1').max(100_000).nullable().default(null),
  /** The node bans a client (of IPv6 its /64) that sends more; `burst` once. Null for never. */
  banAbove: z.strictObject({ requestsPerSecond, burst }).nullable().default({ requestsPerSecond: 100, burst: 200 }),
});
export type FirewallSettings = z.infer<typeof firewallSettings>;

/**
 * What nginx serves for one service, without passwords. Every field but `domains` and `target` has a default,
 * and each default is written here once, for the API, the form and the agent.
 */
export const siteSettingsShape = {
  domains: domainList,
  target,
  additionalTargets: z.array(target).max(MAX_TARGETS).default([]),
  balancing: z.enum(['round_robin', 'least_connections', 'client_address']).default('round_robin'),
  targetProtocol: z.enum(['http', 'https']).default('http'),
  tls: tlsSettings.default(tlsSettings.parse({})),
  websocket: z.boolean().default(true),
  gzip: z.boolean().default(true),
  /** Largest request body; 0 means no limit. */
  maxBodyBytes: z
    .number()
    .int()
    .min(0)
    .max(1024 * GIBIBYTE)
    .default(64 * 2 ** 20),
  timeouts: z
    .strictObject({
      connectMs: durationMs(100, 75_000).default(5000),
      readMs: durationMs(1000, 86_400_000).default(60_000),
      sendMs: durationMs(1000, 86_400_000).default(60_000),
    })
    .default({ connectMs: 5000, readMs: 60_000, sendMs: 60_000 }),
  requestHeaders: headerList,
  responseHeaders: headerList,
  locations: z
    .array(pathLocation)
    .max(100)
    .default([])
    .superRefine((locations, context) => {
      const twice = findDuplicate(locations.map((location) => `${location.match} ${location.path}`));
      if (twice !== undefined) context.addIssue({ code: 'custom', message: `has two ${twice} locations` });
    }),
  redirect: redirectSettings.nullable().default(null),
  /** Answers 503 to everybody outside `allowFrom`. */
  maintenance: z
    .strictObject({ enabled: z.boolean().default(false), allowFrom: cidrList })
    .default({ enabled: false, allowFrom: [] }),
  /** With `allow` entries everybody else is refused; `deny` entries win over `allow` entries. */
  access: z.strictObject({ allow: cidrList, deny: cidrList }).default({ allow: [], deny: [] }),
  firewall: firewallSettings.default(firewallSettings.parse({})),
  errorPages: errorPageSettings.default(errorPageSettings.parse({})),
  /** Peers whose X-Forwarded-For is believed; for all others the client is the socket's peer. */
  trustedProxies: cidrList,
  /**
   * Where the containers behind `target` and `additionalTargets` tell their own figures, on the same ports, by plain HTTP;
   * null for nowhere. nginx does not know of it.
   */
  metricsPath: metricsPath.nullable().default(null),
};
