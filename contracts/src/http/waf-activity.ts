import { z } from 'zod';
import { countryCode } from '../values/country-code.ts';
import { instant } from '../values/identifiers.ts';
import { suspicionClass } from '../waf/suspicion-class.ts';
import { defineRoute } from './route.ts';

const tag = 'firewall';

/** How far back activity is shown, in milliseconds. */
export const activityRanges = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000 } as const;
export type ActivityRange = keyof typeof activityRanges;

export const MAX_OFFENDERS = 50;
export const MAX_RECENT_SUSPECTS = 100;
/** More than there are. */
export const MAX_COUNTRIES = 300;

const count = z.number().int().min(0);
const names = z.array(z.string());

/** A client that did something suspicious. Texts are as strangers wrote them. */
export const offender = z.object({
  /** An address, or the /64 of an IPv6 one. */
  client: z.string(),
  /** Null when no node's GeoIP database knows it. */
  country: countryCode.nullable(),
  /** Suspicious requests, as nodes told of them. */
  requests: count,
  classes: z.partialRecord(suspicionClass, count),
  services: names,
  nodes: names,
  firstAt: instant,
  lastAt: instant,
  /** Lines of the log. */
  samples: z.array(z.string()),
  /** By a ban in force, anywhere. */
  isBanned: z.boolean(),
});
export type Offender = z.infer<typeof offender>;

/** Requests of one client that are alike, as one node told of them. */
export const recentSuspect = z.object({
  at: instant,
  client: z.string(),
  classes: z.array(suspicionClass),
  method: z.string().nullable(),
  path: z.string().nullable(),
  status: z.number().int().nullable(),
  count,
  serviceName: z.string().nullable(),
  nodeName: z.string().nullable(),
});
export type RecentSuspect = z.infer<typeof recentSuspect>;

/** What comes from one country. */
export const suspectCountry = z.object({
  country: countryCode,
  clients: count,
  /** Suspicious ones. */
  requests: count,
});
export type SuspectCountry = z.infer<typeof suspectCountry>;

export const readWafActivity = defineRoute({
  method: 'get',
  path: '/api/waf/activity',
  access: 'viewer',
  tag,
  summary: 'Clients that did something suspicious lately: the worst ones, and what came last',
  query: z.strictObject({
    range: z.enum(Object.keys(activityRanges) as [ActivityRange, ...ActivityRange[]]).default('1h'),
  }),
  status: 200,
  response: z.object({
    /** The most suspicious requests first. */
    offenders: z.array(offender).max(MAX_OFFENDERS),
    /** The most suspicious requests first. Clients whose country is not known are in none. */
    countries: z.array(suspectCountry).max(MAX_COUNTRIES),
    /** The newest first. */
    recent: z.array(recentSuspect).max(MAX_RECENT_SUSPECTS),
  }),
});
