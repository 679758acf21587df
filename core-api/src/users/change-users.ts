import type { Role } from '@flotilla/contracts';
import {
  deleteUser,
  endRefreshFamiliesOfUser,
  insertUser,
  lockAdministrators,
  lockUser,
  recordAudit,
  setPassword,
  setRole,
  type DatabaseSession,
  type UserRecord,
} from '@flotilla/core-db';
import { Conflict, NotFound, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';

export interface UserChangeDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly hashPassword: (password: string) => Promise<string>;
  readonly now: () => Date;
}

/** Who makes a change, for the audit log. */
export interface ChangeAuthor {
  readonly user: RequestUser;
  readonly clientAddress: string | null;
}

/** Adds a user, who has to replace the password. @throws Conflict when the e-mail is taken */
export async function addUser(
  deps: UserChangeDeps,
  input: { readonly email: string; readonly role: Role; readonly password: string },
  author: ChangeAuthor,
): Promise<UserRecord> {
  const passwordHash = await deps.hashPassword(input.password);
  return deps.inTransaction(async (tx) => {
    const { email, role } = input;
    const user = await insertUser(tx, { email, role, passwordHash, mustChangePassword: true });
    if (user === null) throw new Conflict(`There is a user ${email} already.`);
    await recordChange(tx, 'user.created', user, author, { after: { email, role } });
    return user;
  });
}

/**
 * Sets role or password and ends the user's sessions.
 * @throws NotFound; Conflict when the last administrator would lose the role
 */
export async function changeUser(
  deps: UserChangeDeps,
  id: string,
  change: { readonly role?: Role | undefined; readonly password?: string | undefined },
  author: ChangeAuthor,
): Promise<UserRecord> {
  const passwordHash = change.password === undefined ? null : await deps.hashPassword(change.password);
  return deps.inTransaction(async (tx) => {
    const { user, isLastAdmin } = await lockForChange(tx, id);
    const role = change.role ?? user.role;
    if (role === user.role && passwordHash === null) return user;
    if (isLastAdmin && role !== 'admin') throw refuseForLastAdmin();
    if (role !== user.role) await setRole(tx, id, role);
    if (passwordHash !== null) await setPassword(tx, id, { passwordHash, mustChangePassword: true });
    await endRefreshFamiliesOfUser(tx, id, deps.now());
    await recordChange(tx, 'user.updated', user, author, {
      before: { role: user.role },
      after: { role, passwordSet: passwordHash !== null },
    });
    return { ...user, role };
  });
}

/** Removes a user; the sessions go with it. @throws NotFound; Conflict for the last administrator */
export async function removeUser(deps: UserChangeDeps, id: string, author: ChangeAuthor): Promise<void> {
  await deps.inTransaction(async (tx) => {
    const { user, isLastAdmin } = await lockForChange(tx, id);
    if (isLastAdmin) throw refuseForLastAdmin();
    await deleteUser(tx, id);
    await recordChange(tx, 'user.deleted', user, author, { before: { email: user.email, role: user.role } });
  });
}

/** The administrators are locked first, always, so that two of them cannot remove each other at once. */
async function lockForChange(tx: DatabaseSession, id: string): Promise<{ user: UserRecord; isLastAdmin: boolean }> {
  const administrators = await lockAdministrators(tx);
  const user = await lockUser(tx, id);
  if (user === null) throw new NotFound('user', id);
  return { user, isLastAdmin: user.role === 'admin' && administrators === 1 };
}

function refuseForLastAdmin(): Conflict {
  return new Conflict('This is the last administrator. Make somebody else administrator first.');
}

async function recordChange(
  tx: DatabaseSession,
  action: 'user.created' | 'user.updated' | 'user.deleted',
  user: UserRecord,
  author: ChangeAuthor,
  states: { readonly before?: unknown; readonly after?: unknown },
): Promise<void> {
  await recordAudit(tx, {
    action,
    actor: userActor(author.user),
    subject: { kind: 'user', id: user.id, name: user.email },
    clientAddress: author.clientAddress,
    ...states,
  });
}
