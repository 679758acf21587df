import { z } from 'zod';
import { durationMs } from '../values/duration.ts';
import { displayName, singleLine } from '../values/text.ts';
import { suspicionClass } from './suspicion-class.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Longest time that a rule looks back; also the longest in which a full bucket may empty. */
export const MAX_RULE_WINDOW_MS = DAY_MS;

/**
 * A path, whole: `*` is anything within one segment, `**` anything at all, `?` one character. Case does not matter.
 * Compared with the path as it is decoded, without its query.
 */
const pathGlob = singleLine(200).regex(/^(\/|\*\*)/, 'is not a path; it starts with / or **');
const httpMethod = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{1,20}$/, 'is not a method such as POST');
/** One status, or all of a class. */
const statusMatch = z.union(
  [z.number().int().min(100).max(599), z.enum(['1xx', '2xx', '3xx', '4xx', '5xx'])],
  'is not a status such as 404, nor a class such as 4xx',
);

/** Which requests a rule counts. What is given must hold, all of it; within one list any is enough. */
export const ruleMatch = z.discriminatedUnion('of', [
  /** Requests that have a class. */
  z.strictObject({
    of: z.literal('suspicious'),
    classes: z.array(suspicionClass).max(suspicionClass.options.length).default([]),
    /** So many of `classes` in one request: two at once are clearer than one. */
    minClasses: z.number().int().min(1).max(suspicionClass.options.length).default(1),
    paths: z.array(pathGlob).max(50).default([]),
    exceptPaths: z.array(pathGlob).max(50).default([]),
    statuses: z.array(statusMatch).max(20).default([]),
    methods: z.array(httpMethod).max(10).default([]),
    /** RE2's syntax, found anywhere in the user agent; compiled by traffic (`findPatternProblems`), which the API asks. */
    userAgentPattern: singleLine(500).nullable().default(null),
  }),
  /** All requests of a client that sends many, whatever they are: floods and crawls. */
  z.strictObject({ of: z.literal('volume') }),
]);
export type RuleMatch = z.infer<typeof ruleMatch>;

/** Whose requests are counted together: one client, its network (/24, or /64 of IPv6), or its autonomous system. */
export const ruleGrouping = z.enum(['client', 'network', 'asn']);
export type RuleGrouping = z.infer<typeof ruleGrouping>;

const atLeast = (max: number) => z.number().int().min(1, 'must be at least 1').max(max).nullable().default(null);

/** When it is enough. What is given must hold, all of it, at the same time. */
const ruleThreshold = z
  .strictObject({
    /** A leaky bucket: each request is a drop, and it is enough when it is full. */
    bucket: z
      .strictObject({
        capacity: z.number().int().min(1, 'must be at least 1').max(1_000_000),
        leakPerSecond: z.number().gt(0, 'must be more than 0').max(100_000),
      })
      .nullable()
      .default(null),
    /** Counted within `windowMs`. */
    distinctServices: atLeast(1000),
    distinctNodes: atLeast(1000),
    distinctPaths: atLeast(100_000),
    /** What the rule counts, of all that the client sent; 0.8 is 80 %. */
    minShare: z.number().gt(0, 'must be more than 0').max(1).nullable().default(null),
    windowMs: durationMs(SECOND_MS, MAX_RULE_WINDOW_MS).default(MINUTE_MS),
  })
  .refine((threshold) => hasCondition(threshold), 'needs a bucket, or a number of services, nodes or paths')
  .refine(({ bucket }) => bucket === null || isEmptyInTime(bucket), {
    path: ['bucket', 'leakPerSecond'],
    message: 'is too little: a full bucket must be empty again within a day',
  });
export type RuleThreshold = z.infer<typeof ruleThreshold>;

const MAX_BAN_MS = 30 * DAY_MS;
const banDurationMs = durationMs(10 * SECOND_MS, MAX_BAN_MS);

export const banReach = z.enum(['service', 'node', 'fleet']);
export type BanReach = z.infer<typeof banReach>;

const ruleAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ban'), durationMs: banDurationMs, reach: banReach }),
  z.strictObject({ kind: z.literal('record') }),
  z.strictObject({ kind: z.literal('notify') }),
]);

/** Each further ban lasts `factor` times as long, while the offences before it are remembered. */
const ruleEscalation = z.strictObject({
  factor: z.number().min(1).max(100),
  maxDurationMs: banDurationMs,
  memoryMs: durationMs(MINUTE_MS, 90 * DAY_MS),
});
export type RuleEscalation = z.infer<typeof ruleEscalation>;

const settings = z.strictObject({
  name: displayName,
  description: singleLine(500, 0).default(''),
  isEnabled: z.boolean().default(true),
  /** Decides and records, and bans nobody. */
  isDryRun: z.boolean().default(false),
  match: ruleMatch,
  grouping: ruleGrouping.default('client'),
  threshold: ruleThreshold,
  action: ruleAction,
  escalation: ruleEscalation.nullable().default(null),
});

/** What an operator writes. */
export const ruleSettings = settings.superRefine(checkTogether);
export type RuleSettings = z.infer<typeof ruleSettings>;
export type RuleSettingsDraft = z.input<typeof ruleSettings>;

/** A rule as it is stored: a shipped one has an id of words, an operator's own an identifier. */
export const rule = settings
  .extend({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not the id of a rule: lower-case letters, digits and -'),
    origin: z.enum(['shipped', 'own']),
  })
  .superRefine(checkTogether);
export type Rule = z.infer<typeof rule>;
export type RuleDraft = z.input<typeof rule>;

/** What an operator would have written for it. */
export function settingsOf(stored: Rule): RuleSettings {
  const { name, description, isEnabled, isDryRun, match, grouping, threshold, action, escalation } = stored;
  return { name, description, isEnabled, isDryRun, match, grouping, threshold, action, escalation };
}

interface Conditions {
  readonly bucket: unknown;
  readonly distinctServices: number | null;
  readonly distinctNodes: number | null;
  readonly distinctPaths: number | null;
}
function hasCondition({ bucket, distinctServices, distinctNodes, distinctPaths }: Conditions): boolean {
  return [bucket, distinctServices, distinctNodes, distinctPaths].some((condition) => condition !== null);
}

/** What leaks nothing has a problem of its own. */
function isEmptyInTime({ capacity, leakPerSecond }: { capacity: number; leakPerSecond: number }): boolean {
  return leakPerSecond <= 0 || capacity / leakPerSecond <= MAX_RULE_WINDOW_MS / SECOND_MS;
}

/** What single fields cannot tell. */
function checkTogether(
  { match, grouping, threshold, action, escalation }: z.infer<typeof settings>,
  context: z.RefinementCtx,
): void {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (grouping === 'asn' && action.kind === 'ban') {
    refuse(['grouping'], 'must be client or network for a ban: an autonomous system has no one network to ban');
  }
  if (match.of === 'suspicious' && match.classes.length > 0 && match.minClasses > match.classes.length) {
    refuse(['match', 'minClasses'], 'must not be more than the classes that are given');
  }
  if (match.of === 'volume' && threshold.minShare !== null) {
    refuse(['threshold', 'minShare'], 'has no meaning where all requests are counted');
  }
  if (match.of === 'volume' && threshold.distinctServices !== null) {
    refuse(['threshold', 'distinctServices'], 'is not known where all requests are counted');
  }
  if (escalation !== null && action.kind !== 'ban') refuse(['escalation'], 'has no meaning without a ban');
  if (escalation !== null && action.kind === 'ban' && escalation.maxDurationMs < action.durationMs) {
    refuse(['escalation', 'maxDurationMs'], 'must not be less than the first ban’s duration');
  }
}
