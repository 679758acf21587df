import { findSignedInUser, type DatabaseSession, type UserWithPassword } from '@flotilla/core-db';
import type { Request } from 'express';
import { auditRoutes } from './audit/audit.routes.ts';
import { authRoutes } from './auth/auth.routes.ts';
import { createAuthenticators } from './auth/authenticators.ts';
import { decideSameOrigin } from './auth/decide-same-origin.ts';
import { PasswordHasher } from './auth/password-hasher.ts';
import { RefreshCookie } from './auth/refresh-cookie.ts';
import { checkPassword, SignInLimits } from './auth/sign-in.ts';
import { Forbidden, type AccessDeps, type BoundRoute } from './http/index.ts';
import { joinTokensRoutes } from './join-tokens/join-tokens.routes.ts';
import { usersRoutes } from './users/users.routes.ts';

export interface PeopleDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly now: () => Date;
  readonly tokenKey: Buffer;
  readonly publicUrl: string;
}

export interface People extends Pick<AccessDeps, 'authenticateUser' | 'assertSameOrigin'> {
  readonly routes: readonly BoundRoute[];
  readonly hasher: PasswordHasher;
  readonly close: () => void;
}

/** Builds the features that deal with people: sign-in, users, audit, join tokens. */
export function composePeople(deps: PeopleDeps): People {
  const { database, now, publicUrl, tokenKey } = deps;
  const hasher = new PasswordHasher();
  const limits = new SignInLimits();
  const { byAccessToken, byPassword } = createAuthenticators<UserWithPassword>({
    tokenKey,
    findSignedInUser: async ({ userId, sessionId }) => {
      const user = await findSignedInUser(database, { userId, sessionId, now: now() });
      return user === null ? null : { ...user, sessionId };
    },
    checkPassword: (email, password) => checkPassword(database, hasher, email, password),
  });
  return {
    hasher,
    authenticateUser: byAccessToken,
    assertSameOrigin: buildOriginCheck(publicUrl),
    routes: [
      ...authRoutes({ ...deps, limits, hasher, byPassword, cookie: new RefreshCookie(publicUrl) }),
      ...usersRoutes({ ...deps, hashPassword: (password) => hasher.hash(password) }),
      ...joinTokensRoutes(deps),
      ...auditRoutes(deps),
    ],
    close: () => limits.close(),
  };
}

function buildOriginCheck(publicUrl: string): (request: Request) => void {
  const publicOrigin = new URL(publicUrl).origin;
  return (request) => {
    const decision = decideSameOrigin({
      secFetchSite: request.get('sec-fetch-site'),
      origin: request.get('origin'),
      host: request.host,
      publicOrigin,
    });
    if (!decision.allowed) throw new Forbidden(decision.reason);
  };
}
