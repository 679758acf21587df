import { endRefreshFamiliesOfUser, recordAudit, setPassword, type DatabaseSession } from '@flotilla/core-db';
import type { Request } from 'express';
import { BadRequest, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { SessionDeps } from './sessions.ts';
import { checkPassword, type SignInLimits } from './sign-in.ts';

export interface ChangePasswordDeps extends SessionDeps {
  readonly database: DatabaseSession;
  readonly hasher: PasswordHasher;
  readonly limits: SignInLimits;
}

export interface PasswordChange {
  readonly user: RequestUser;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly request: Request;
  readonly clientAddress: string | null;
}

/**
 * Sets the own password and ends the user's other sessions. Wrong guesses of the current one count as failed sign-ins.
 * @throws BadRequest that names the field
 */
export async function changePassword(deps: ChangePasswordDeps, change: PasswordChange): Promise<void> {
  const { user, currentPassword, newPassword, request, clientAddress } = change;
  const confirmed = await deps.limits.guard(request, user.email, () =>
    checkPassword(deps.database, deps.hasher, user.email, currentPassword),
  );
  if (confirmed === null) throw refuse('currentPassword', 'is wrong');
  if (newPassword === currentPassword) throw refuse('newPassword', 'must differ from the current password');

  const passwordHash = await deps.hasher.hash(newPassword);
  await deps.inTransaction(async (tx) => {
    await setPassword(tx, user.id, { passwordHash, mustChangePassword: false });
    await endRefreshFamiliesOfUser(tx, user.id, deps.now(), { except: user.sessionId });
    const subject = { kind: 'user', id: user.id, name: user.email };
    await recordAudit(tx, { action: 'auth.password_changed', actor: userActor(user), subject, clientAddress });
  });
}

function refuse(field: string, message: string): BadRequest {
  return new BadRequest(`${field}: ${message}`, [{ field, message }]);
}
