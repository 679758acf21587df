import type { Role } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import type { UserRow } from './user.entity.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';

/** A user as lists show one. */
export type UserRecord = Pick<UserRow, 'id' | 'email' | 'role' | 'createdAt' | 'lastLoginAt'>;
/** What a session says of its user. */
export type SessionUser = Pick<UserRow, 'id' | 'email' | 'role' | 'mustChangePassword'>;
export type UserWithPassword = SessionUser & Pick<UserRow, 'passwordHash'>;
export type NewUser = Pick<UserRow, 'email' | 'passwordHash' | 'role' | 'mustChangePassword'>;

const RECORD = 'id, email, role, created_at as "createdAt", last_login_at as "lastLoginAt"';
const SESSION_USER = 'id, email, role, must_change_password as "mustChangePassword"';

export async function findUserByEmail(db: DatabaseSession, email: string): Promise<UserWithPassword | null> {
  const rows = await queryRows<UserWithPassword>(
    db,
    `select ${SESSION_USER}, password_hash as "passwordHash" from users where email = $1`,
    [email],
  );
  return rows[0] ?? null;
}

export async function findSessionUser(db: DatabaseSession, id: string): Promise<SessionUser | null> {
  const rows = await queryRows<SessionUser>(db, `select ${SESSION_USER} from users where id = $1`, [id]);
  return rows[0] ?? null;
}

/** The user of an access token: null when the user was removed or the session (refresh family) has ended. */
export async function findSignedInUser(
  db: DatabaseSession,
  { userId, sessionId, now }: { userId: string; sessionId: string; now: Date },
): Promise<SessionUser | null> {
  const rows = await queryRows<SessionUser>(
    db,
    `select ${SESSION_USER} from users where id = $1 and exists (
       select from refresh_tokens
       where family_id = $2 and user_id = users.id and revoked_at is null and expires_at > $3)`,
    [userId, sessionId, now],
  );
  return rows[0] ?? null;
}

export async function listUsers(db: DatabaseSession, query: PageQuery): Promise<SelectedPage<UserRecord>> {
  return selectPage(db, {
    columns: RECORD,
    from: 'users',
    searched: ['email'],
    sortable: { email: 'email', createdAt: 'created_at' },
    query,
  });
}

export async function hasUsers(db: DatabaseSession): Promise<boolean> {
  const rows = await queryRows<object>(db, 'select 1 from users limit 1');
  return rows.length > 0;
}

/** Adds a user; null when the e-mail is taken. */
export async function insertUser(tx: DatabaseSession, user: NewUser): Promise<UserRecord | null> {
  const rows = await queryRows<UserRecord>(
    tx,
    `insert into users (id, email, password_hash, role, must_change_password) values ($1, $2, $3, $4, $5)
     on conflict (email) do nothing returning ${RECORD}`,
    [newId(), user.email, user.passwordHash, user.role, user.mustChangePassword],
  );
  return rows[0] ?? null;
}

/** Adds a user if there is none at all; null otherwise. Processes that try at once wait for each other. */
export async function insertFirstUser(tx: DatabaseSession, user: NewUser): Promise<UserRecord | null> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('flotilla.first-user'))`);
  return (await hasUsers(tx)) ? null : insertUser(tx, user);
}

/** Locks the rows of all administrators until the transaction ends, and counts them. */
export async function lockAdministrators(tx: DatabaseSession): Promise<number> {
  const rows = await queryRows<object>(tx, `select id from users where role = 'admin' order by id for update`);
  return rows.length;
}

export async function lockUser(tx: DatabaseSession, id: string): Promise<UserRecord | null> {
  const rows = await queryRows<UserRecord>(tx, `select ${RECORD} from users where id = $1 for update`, [id]);
  return rows[0] ?? null;
}

export async function setRole(tx: DatabaseSession, id: string, role: Role): Promise<void> {
  await tx.query('update users set role = $2 where id = $1', [id, role]);
}

export async function setPassword(
  tx: DatabaseSession,
  id: string,
  { passwordHash, mustChangePassword }: Pick<NewUser, 'passwordHash' | 'mustChangePassword'>,
): Promise<void> {
  await tx.query('update users set password_hash = $2, must_change_password = $3 where id = $1', [
    id,
    passwordHash,
    mustChangePassword,
  ]);
}

export async function recordLogin(tx: DatabaseSession, id: string, now: Date): Promise<void> {
  await tx.query('update users set last_login_at = $2 where id = $1', [id, now]);
}

/** Removes a user with all sessions. */
export async function deleteUser(tx: DatabaseSession, id: string): Promise<void> {
  await tx.query('delete from users where id = $1', [id]);
}
