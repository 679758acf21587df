import { z } from 'zod';
import { cidr } from '../values/cidr.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { isPlainText } from '../values/text.ts';
import { MAX_SAMPLE_LENGTH } from './suspects-message.ts';

/** Widest network that is banned; what is wider holds too many who did nothing. */
export const WIDEST_BAN_PREFIX = { ipv4: 24, ipv6: 64 } as const;
export const MAX_EVIDENCE_LINES = 10;

/** An address with its prefix length, or a network no wider than it may be. */
export const banTarget = cidr.refine(isNarrowEnough, 'is too wide to ban: at most /24, and /64 for IPv6');

function isNarrowEnough(target: string): boolean {
  const [address = '', prefix] = target.split('/');
  return Number(prefix) >= (address.includes(':') ? WIDEST_BAN_PREFIX.ipv6 : WIDEST_BAN_PREFIX.ipv4);
}

/** Where the target is refused. */
export const banScope = z.discriminatedUnion('kind', [
  /** On all nodes that serve it, or on one of them. */
  z.object({ kind: z.literal('service'), serviceId: entityId, agentId: entityId.nullable() }),
  z.object({ kind: z.literal('node'), agentId: entityId }),
  z.object({ kind: z.literal('fleet') }),
]);
export type BanScope = z.infer<typeof banScope>;

const count = z.number().int().min(0);

/** What a rule had counted when it was enough. */
export const banFigures = z.object({
  requests: count,
  /** Null where all requests are counted, whatever service they are for. */
  services: count.nullable(),
  nodes: count,
  paths: count,
  /** From the first to the last of them. */
  spanMs: count,
});
export type BanFigures = z.infer<typeof banFigures>;

export const banReason = z.discriminatedUnion('by', [
  z.object({
    by: z.literal('rule'),
    ruleId: z.string().max(64),
    ruleName: z.string().max(80),
    figures: banFigures,
    /** It was to be for more than one node, but only one had seen the client do it. */
    isNarrowed: z.boolean(),
  }),
  /** More requests a second than a node's limiter allows to one client of a service. */
  z.object({ by: z.literal('limiter'), agentId: entityId, serviceId: entityId, requestsPerSecond: z.number().min(0) }),
  z.object({ by: z.literal('operator'), comment: z.string().max(500) }),
]);
export type BanReason = z.infer<typeof banReason>;

/**
 * held ──confirmed──▶ active ──its time is over──▶ expired
 *   └──dismissed──▶ lifted ◀──lifted, or allowed──┘
 */
export const banState = z.enum(['held', 'active', 'expired', 'lifted']);
export type BanState = z.infer<typeof banState>;

export const ban = z.object({
  id: entityId,
  target: banTarget,
  scope: banScope,
  state: banState,
  reason: banReason,
  /** Lines of the log, or what stands for them; control characters as `\xHH`. */
  evidence: z
    .array(z.string().max(MAX_SAMPLE_LENGTH).refine(isPlainText, 'has control characters'))
    .max(MAX_EVIDENCE_LINES),
  createdAt: instant,
  /** Null: until it is lifted; of operators only. */
  expiresAt: instant.nullable(),
  /** 1 for the first ban of this target by this rule that is remembered, then 2, 3 … */
  offence: z.number().int().min(1),
});
export type Ban = z.infer<typeof ban>;
