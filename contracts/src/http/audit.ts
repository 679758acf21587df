import { z } from 'zod';
import { entityId, instant } from '../values/identifiers.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

/** `<what>.<happened>`; new words are added here first. */
export const auditAction = z.enum([
  'auth.login',
  'auth.login_failed',
  'auth.logout',
  'auth.password_changed',
  'auth.session_reuse',
  'user.created',
  'user.updated',
  'user.deleted',
  'join_token.created',
  'join_token.deleted',
  'agent.registered',
  'agent.updated',
  'agent.deleted',
  'service.created',
  'service.updated',
  'service.deleted',
  'service.rolled_back',
  'service.scaled',
  'scaling.policy_saved',
  'scaling.policy_removed',
  'scaling.paused',
  'scaling.resumed',
  'ban.created',
  'ban.lifted',
  'ban.extended',
  'bans.lifted',
  'network.allowed',
  'network.disallowed',
  'rule.saved',
  'rule.removed',
  'guards.saved',
  'certificate.uploaded',
  'certificate.made',
  'certificate.replaced',
  'certificate.deleted',
  'error_pages.created',
  'error_pages.updated',
  'error_pages.restored',
  'error_pages.deleted',
  'error_pages.default_chosen',
]);
export type AuditAction = z.infer<typeof auditAction>;

export const auditEntry = z.object({
  id: entityId,
  at: instant,
  action: auditAction,
  actor: z.object({ kind: z.enum(['user', 'agent', 'system']), id: entityId.nullable(), name: z.string() }),
  subject: z.object({ kind: z.string(), id: entityId.nullable(), name: z.string() }),
  clientAddress: z.string().nullable(),
  /** Null for things that did not exist; secrets are left out. */
  before: z.unknown(),
  after: z.unknown(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const listAudit = defineRoute({
  method: 'get',
  path: '/api/audit',
  access: 'viewer',
  tag: 'audit',
  summary: 'Who changed what, newest first',
  query: listQuery(['at'], 'desc').extend({
    action: auditAction.optional(),
    subjectId: entityId.optional(),
    actorId: entityId.optional(),
    from: instant.optional(),
    to: instant.optional(),
  }),
  status: 200,
  response: page(auditEntry),
});
