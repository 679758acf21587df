import { z } from 'zod';
import { entityId, instant } from '../values/identifiers.ts';
import { displayName } from '../values/text.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

const tag = 'join tokens';

export const JOIN_TOKEN_LIFETIME_MS = 600_000;

export const joinTokenState = z.enum(['open', 'used', 'expired']);

export const joinToken = z.object({
  id: entityId,
  /** Name that the node gets; without one it gets the name that it brings. */
  agentName: z.string().nullable(),
  state: joinTokenState,
  createdAt: instant,
  createdBy: z.string(),
  expiresAt: instant,
  usedAt: instant.nullable(),
  usedByAgentId: entityId.nullable(),
});
export type JoinToken = z.infer<typeof joinToken>;

export const createJoinToken = defineRoute({
  method: 'post',
  path: '/api/join-tokens',
  access: 'operator',
  tag,
  summary: 'Make a join token: valid once, for ten minutes, shown in this answer only',
  body: z.strictObject({ agentName: displayName.optional() }).default({}),
  status: 201,
  response: joinToken.extend({
    token: z.string(),
    /** Ready to paste on the new node. */
    commands: z.object({ docker: z.string(), bareHost: z.string() }),
  }),
});
export type CreatedJoinToken = z.infer<(typeof createJoinToken)['response']>;

export const listJoinTokens = defineRoute({
  method: 'get',
  path: '/api/join-tokens',
  access: 'operator',
  tag,
  summary: 'Join tokens, without their secrets',
  query: listQuery(['createdAt', 'expiresAt'], 'desc'),
  status: 200,
  response: page(joinToken),
});

export const deleteJoinToken = defineRoute({
  method: 'delete',
  path: '/api/join-tokens/:id',
  access: 'operator',
  tag,
  summary: 'Withdraw a join token',
  params: z.object({ id: entityId }),
  status: 204,
});
