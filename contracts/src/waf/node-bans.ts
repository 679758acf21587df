import { z } from 'zod';
import { cidr } from '../values/cidr.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { banTarget } from './ban.ts';

/** Changes that one answer to a heartbeat carries; what is left comes with the next. */
export const MAX_BANS_PER_UPDATE = 5000;
export const MAX_ALLOWED_NETWORKS = 10_000;
export const MAX_LIMITER_BANS_PER_HEARTBEAT = 500;

/** A ban as a node enforces it. An operator's may be wider than those of rules. */
export const nodeBan = z.object({
  id: entityId,
  target: cidr,
  /** The service that refuses; null for all that the node serves. */
  serviceId: entityId.nullable(),
  /** By the Core's clock; null for a ban that lasts until it is lifted. */
  expiresAt: instant.nullable(),
});
export type NodeBan = z.infer<typeof nodeBan>;

/** A network that is never banned, and for which bans are not enforced. */
export const allowedNetwork = z.object({ network: cidr, expiresAt: instant.nullable() });
export type AllowedNetwork = z.infer<typeof allowedNetwork>;

const banRevision = z.number().int().min(0);

/** What changed since the revision that the node said it has; or everything. */
export const bansUpdate = z.object({
  /** What the node has with this update. */
  revision: banRevision,
  /** Whether what the node had before is void: the Core does not know what changed since. */
  isFresh: z.boolean(),
  bans: z.array(nodeBan).max(MAX_BANS_PER_UPDATE),
  /** Also those of the node's limiter that the Core does not take over. */
  lifted: z.array(entityId).max(MAX_BANS_PER_UPDATE + MAX_LIMITER_BANS_PER_HEARTBEAT),
  /** All of them; null when they are those of before. */
  allowed: z.array(allowedNetwork).max(MAX_ALLOWED_NETWORKS).nullable(),
  /** There are more changes: ask again at once. */
  hasMore: z.boolean(),
});
export type BansUpdate = z.infer<typeof bansUpdate>;

/** A ban that a node's own limiter made; in force there before the Core hears of it. */
export const limiterBan = z.object({
  id: entityId,
  target: banTarget,
  serviceId: entityId,
  startedAt: instant,
  expiresAt: instant,
  requestsPerSecond: z.number().min(0).max(10_000_000),
  offence: z.number().int().min(1).max(1000),
});
export type LimiterBan = z.infer<typeof limiterBan>;

/** What a heartbeat says of bans. */
export const bansReport = z.object({
  /** Of the newest update; null for none. */
  revision: banRevision.nullable(),
  /** What nginx confirmed that it enforces. */
  enforcedRevision: banRevision.nullable(),
  limiterBans: z.array(limiterBan).max(MAX_LIMITER_BANS_PER_HEARTBEAT).default([]),
});
export type BansReport = z.infer<typeof bansReport>;
