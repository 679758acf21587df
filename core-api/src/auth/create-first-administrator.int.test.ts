import { inTransaction, type Database } from '@flotilla/core-db';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFirstAdministrator } from './create-first-administrator.ts';
import { PasswordHasher } from './password-hasher.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.close());

const administrator = { email: 'admin@example.com', password: 'correct horse battery', mustChangePassword: true };
const deps = (database: Database) => ({
  database: database.manager,
  inTransaction: <Value>(work: Parameters<typeof inTransaction<Value>>[1]) => inTransaction(database, work),
  hasher: new PasswordHasher(),
});

describe('createFirstAdministrator', () => {
  it('creates one user, however many processes start at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        // Different addresses: the unique e-mail alone would not stop the others.
        createFirstAdministrator(deps(test.database), { ...administrator, email: `admin${index}@example.com` }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    const users: object[] = await test.session.query('select role, must_change_password from users');
    expect(users).toEqual([{ role: 'admin', must_change_password: true }]);
    const audit: object[] = await test.session.query('select action from audit');
    expect(audit).toEqual([{ action: 'user.created' }]);
  });

  it('changes nothing once there are users', async () => {
    await createFirstAdministrator(deps(test.database), administrator);
    const again = { ...administrator, password: 'another password', email: 'second@example.com' };
    expect(await createFirstAdministrator(deps(test.database), again)).toBe('users exist');
    expect(await test.session.query('select email from users')).toEqual([{ email: administrator.email }]);
  });

  it('says when nobody can sign in', async () => {
    expect(await createFirstAdministrator(deps(test.database), null)).toBe('nobody can sign in');
  });
});
