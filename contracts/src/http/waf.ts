import { z } from 'zod';
import { cidr } from '../values/cidr.ts';
import { durationMs } from '../values/duration.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { singleLine } from '../values/text.ts';
import { banReason, banScope, banState } from '../waf/ban.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

const tag = 'firewall';
const params = z.object({ id: entityId });
const YEAR_MS = 365 * 86_400_000;
/** Networks that one request adds. */
export const MAX_NETWORKS_PER_REQUEST = 1000;
/** Widest network that an operator bans: wider ones hold whole countries. */
const WIDEST_OPERATOR_BAN = { ipv4: 8, ipv6: 24 } as const;

const count = z.number().int().min(0);
const lastingMs = durationMs(10_000, YEAR_MS).nullable();
const comment = singleLine(500, 0).default('');

const operatorTarget = cidr.refine(
  isNarrowEnough,
  `is too wide to ban: at most /${WIDEST_OPERATOR_BAN.ipv4}, and /${WIDEST_OPERATOR_BAN.ipv6} for IPv6`,
);

function isNarrowEnough(target: string): boolean {
  const [address = '', prefix] = target.split('/');
  return Number(prefix) >= (address.includes(':') ? WIDEST_OPERATOR_BAN.ipv6 : WIDEST_OPERATOR_BAN.ipv4);
}

/** A ban as the dashboard shows it. */
export const banView = z.object({
  id: entityId,
  target: z.string(),
  scope: banScope,
  /** Null for a ban of all nodes. */
  agentName: z.string().nullable(),
  /** Null for a ban on all services. */
  serviceName: z.string().nullable(),
  state: banState,
  reason: banReason,
  evidence: z.array(z.string()),
  offence: z.number().int().min(1),
  createdAt: instant,
  createdBy: z.string(),
  /** Null: until it is lifted. */
  expiresAt: instant.nullable(),
  endedAt: instant.nullable(),
  endedBy: z.string().nullable(),
  /** Nodes that it is for, and those of them whose nginx has confirmed that it enforces it. */
  nodes: count,
  enforcing: count,
});
export type BanView = z.infer<typeof banView>;

export const listBans = defineRoute({
  method: 'get',
  path: '/api/waf/bans',
  access: 'viewer',
  tag,
  summary: 'Bans: in force, held for confirmation, or over',
  query: listQuery(['createdAt', 'expiresAt', 'target'], 'desc').extend({
    state: z.enum(['active', 'held', 'over']).default('active'),
  }),
  status: 200,
  response: page(banView),
});

export const banNetworks = defineRoute({
  method: 'post',
  path: '/api/waf/bans',
  access: 'operator',
  tag,
  summary: 'Ban networks; 400 names those that must never be banned',
  body: z.strictObject({
    targets: z.array(operatorTarget).min(1, 'needs at least one network').max(MAX_NETWORKS_PER_REQUEST),
    scope: banScope.default({ kind: 'fleet' }),
    /** Null: until somebody lifts it. */
    lastingMs: lastingMs.default(null),
    comment,
  }),
  status: 201,
  /** Networks that a ban in force covers already are not banned twice. */
  response: z.object({ banned: count, alreadyBanned: count }),
});

export const liftBan = defineRoute({
  method: 'post',
  path: '/api/waf/bans/:id/lift',
  access: 'operator',
  tag,
  summary: 'End a ban now, or dismiss a held one; 404 when it has ended',
  params,
  status: 200,
  response: banView,
});

export const liftBans = defineRoute({
  method: 'post',
  path: '/api/waf/bans/lift',
  access: 'operator',
  tag,
  summary: 'End all bans, or all of one rule',
  body: z.strictObject({ ruleId: z.string().max(64).nullable() }),
  status: 200,
  response: z.object({ lifted: count }),
});

export const extendBan = defineRoute({
  method: 'post',
  path: '/api/waf/bans/:id/extend',
  access: 'operator',
  tag,
  summary: 'Let a ban last so long from now on; a held one is put in force. 404 when it has ended',
  params,
  body: z.strictObject({ lastingMs }),
  status: 200,
  response: banView,
});

/** A network that is never banned. */
export const allowedNetworkView = z.object({
  id: entityId,
  network: z.string(),
  comment: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  /** Null: for ever. */
  expiresAt: instant.nullable(),
});
export type AllowedNetworkView = z.infer<typeof allowedNetworkView>;

export const listAllowedNetworks = defineRoute({
  method: 'get',
  path: '/api/waf/allowed',
  access: 'viewer',
  tag,
  summary: 'Networks that are never banned',
  status: 200,
  response: z.object({ items: z.array(allowedNetworkView) }),
});

export const allowNetworks = defineRoute({
  method: 'post',
  path: '/api/waf/allowed',
  access: 'operator',
  tag,
  summary: 'Never ban networks, and lift at once the bans that are about something in them',
  body: z.strictObject({
    networks: z.array(cidr).min(1, 'needs at least one network').max(MAX_NETWORKS_PER_REQUEST),
    lastingMs: lastingMs.default(null),
    comment,
  }),
  status: 201,
  response: z.object({ items: z.array(allowedNetworkView), lifted: count }),
});

export const disallowNetwork = defineRoute({
  method: 'delete',
  path: '/api/waf/allowed/:id',
  access: 'operator',
  tag,
  summary: 'Take a network off the list of those that are never banned',
  params,
  status: 204,
});
