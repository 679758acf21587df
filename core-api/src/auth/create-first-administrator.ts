import { insertFirstUser, hasUsers, recordAudit, type DatabaseSession } from '@flotilla/core-db';
import type { PasswordHasher } from './password-hasher.ts';

export interface FirstAdministrator {
  readonly email: string;
  readonly password: string;
  /** Whether the password was made by a program and has to be replaced by its owner. */
  readonly mustChangePassword: boolean;
}

export interface FirstAdministratorDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly hasher: PasswordHasher;
}

export type FirstAdministratorOutcome = 'users exist' | 'created' | 'nobody can sign in';

/** Creates the first user of an empty database. Of several processes that start at once, one does. */
export async function createFirstAdministrator(
  deps: FirstAdministratorDeps,
  administrator: FirstAdministrator | null,
): Promise<FirstAdministratorOutcome> {
  if (await hasUsers(deps.database)) return 'users exist';
  if (administrator === null) return 'nobody can sign in';
  const { email, password, mustChangePassword } = administrator;
  const passwordHash = await deps.hasher.hash(password);
  return deps.inTransaction(async (tx) => {
    const user = await insertFirstUser(tx, { email, passwordHash, role: 'admin', mustChangePassword });
    if (user === null) return 'users exist';
    await recordAudit(tx, {
      action: 'user.created',
      actor: { kind: 'system', id: null, name: 'core-api' },
      subject: { kind: 'user', id: user.id, name: email },
      clientAddress: null,
      after: { email, role: 'admin' },
    });
    return 'created';
  });
}
