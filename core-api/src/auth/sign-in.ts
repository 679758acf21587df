import {
  findUserByEmail,
  recordAudit,
  recordLogin,
  type DatabaseSession,
  type UserWithPassword,
} from '@flotilla/core-db';
import type { Request, Response } from 'express';
import { addressKey, RateLimit, Unauthorized } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { openSession, type OpenSession, type SessionDeps } from './sessions.ts';

const WINDOW_MS = 15 * 60_000;
/** Higher than the account's: several people may sit behind one address. */
const FAILURES_PER_ADDRESS = 30;
const FAILURES_PER_ACCOUNT = 10;

/** Counts failed sign-ins; those that succeed are given back. */
export class SignInLimits {
  readonly #byAddress = new RateLimit({
    what: 'failed sign-ins from this address',
    limit: FAILURES_PER_ADDRESS,
    windowMs: WINDOW_MS,
  });
  readonly #byAccount = new RateLimit({
    what: 'failed sign-ins to this account',
    limit: FAILURES_PER_ACCOUNT,
    windowMs: WINDOW_MS,
  });

  /**
   * Runs a password check that answers null for a wrong password.
   * @throws TooManyRequests before the check when the address or the account has failed too often
   */
  async guard<Value>(request: Request, account: string, check: () => Promise<Value | null>): Promise<Value | null> {
    const address = addressKey(request);
    await this.#byAddress.take(address);
    await this.#byAccount.take(account);
    const result = await check();
    if (result !== null) await Promise.all([this.#byAddress.giveBack(address), this.#byAccount.giveBack(account)]);
    return result;
  }

  close(): void {
    this.#byAddress.close();
    this.#byAccount.close();
  }
}

/** Whose password it is; null when e-mail or password is wrong, after the same time in both cases. */
export async function checkPassword(
  database: DatabaseSession,
  hasher: PasswordHasher,
  email: string,
  password: string,
): Promise<UserWithPassword | null> {
  const user = await findUserByEmail(database, email);
  return (await hasher.verify(user?.passwordHash ?? null, password)) ? user : null;
}

export interface SignInDeps extends SessionDeps {
  readonly limits: SignInLimits;
  readonly byPassword: (request: Request, response: Response) => Promise<UserWithPassword | null>;
}

/**
 * Signs a user in by what passport's local strategy says of the request's body.
 * @throws Unauthorized, TooManyRequests
 */
export async function signIn(
  deps: SignInDeps,
  { request, response, email, clientAddress }: SignInRequest,
): Promise<OpenSession> {
  const user = await deps.limits.guard(request, email, () => deps.byPassword(request, response));
  if (user === null) {
    const nobody = { kind: 'user', id: null, name: email } as const;
    await deps.inTransaction((tx) =>
      recordAudit(tx, { action: 'auth.login_failed', actor: nobody, subject: nobody, clientAddress }),
    );
    throw new Unauthorized('E-mail or password is wrong.');
  }
  return deps.inTransaction(async (tx) => {
    await recordLogin(tx, user.id, deps.now());
    const subject = { kind: 'user', id: user.id, name: user.email };
    await recordAudit(tx, { action: 'auth.login', actor: userActor(user), subject, clientAddress });
    return openSession(deps, tx, user);
  });
}

export interface SignInRequest {
  readonly request: Request;
  readonly response: Response;
  readonly email: string;
  readonly clientAddress: string | null;
}
