import { z } from 'zod';
import { instant } from '../values/identifiers.ts';
import { ruleSettings } from '../waf/rule.ts';
import { defineRoute } from './route.ts';

/** Evidence is kept no longer. */
export const MAX_TRIAL_HOURS = 168;
/** Of all that a rule would have found, those that are told. */
export const MAX_TRIAL_HITS = 500;

const count = z.number().int().min(0);

const trialHit = z.object({
  target: z.string(),
  at: instant,
  /** `recorded` and `notified` of rules that ban nobody. */
  outcome: z.enum(['banned', 'held', 'spared', 'capped', 'recorded', 'notified']),
  /** In words; empty when the outcome says all. */
  reason: z.string(),
  evidence: z.array(z.string()),
  /** All requests of it in the span that nodes have told of; they tell of clients that did something suspicious. */
  requests: count,
  /** Those of them that nothing was suspicious about. */
  ordinaryRequests: count,
  /** It did nothing suspicious but what the rule counts. */
  isOtherwiseInnocent: z.boolean(),
});
export type TrialHit = z.infer<typeof trialHit>;

export const tryRule = defineRoute({
  method: 'post',
  path: '/api/waf/rules/try',
  access: 'operator',
  tag: 'firewall',
  summary:
    'Whom a rule would have banned in the last hours; 400 names what is wrong with it, 429 while others are tried',
  body: z.strictObject({
    rule: ruleSettings,
    hours: z.number().int().min(1, 'must be at least 1').max(MAX_TRIAL_HOURS).default(24),
  }),
  status: 200,
  response: z.object({
    /** Those with the most ordinary requests first. */
    hits: z.array(trialHit).max(MAX_TRIAL_HITS),
    /** Of all that were found. */
    banned: count,
    held: count,
    spared: count,
    /** Of those who would have been banned and did nothing else suspicious: requests that nothing was suspicious about. */
    innocentRequests: count,
    innocentClients: count,
    /** Messages of nodes that were read. */
    messages: count,
    from: instant,
    until: instant,
    /** Whether all of it was read; else `until` says how far. */
    isComplete: z.boolean(),
  }),
});
