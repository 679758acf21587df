import type { AuditActor } from '@flotilla/core-db';
import type { RequestUser } from '../http/index.ts';

/** The signed-in user as the audit log names one. */
export function userActor(user: Pick<RequestUser, 'id' | 'email'>): AuditActor {
  return { kind: 'user', id: user.id, name: user.email };
}
