import { callbackify } from 'node:util';
import type { Request, Response } from 'express';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { INVALID_TOKEN_CHALLENGE, Unauthorized, type RequestUser } from '../http/index.ts';
import { accessTokenStrategy, type AccessClaims } from './access-token.ts';

export interface AuthenticatorDeps<Account> {
  readonly tokenKey: Buffer;
  /** Null when the user was removed or the session has ended. */
  readonly findSignedInUser: (claims: AccessClaims) => Promise<RequestUser | null>;
  /** Null when e-mail or password is wrong. */
  readonly checkPassword: (email: string, password: string) => Promise<Account | null>;
}

export interface Authenticators<Account> {
  /** @throws Unauthorized */
  readonly byAccessToken: (request: Request, response: Response) => Promise<RequestUser>;
  /** Reads `request.body.email` and `.password`. */
  readonly byPassword: (request: Request, response: Response) => Promise<Account | null>;
}

/** Passport's two strategies, on an instance of their own, as functions that a route can await. */
export function createAuthenticators<Account extends object>(
  deps: AuthenticatorDeps<Account>,
): Authenticators<Account> {
  const instance = new passport.Passport();
  const local = new LocalStrategy({ usernameField: 'email', session: false }, (email, password, done) =>
    callbackify(deps.checkPassword)(email, password, (error: unknown, account) => done(error, account ?? false)),
  );
  const jwt = accessTokenStrategy(deps.tokenKey, deps.findSignedInUser);
  instance.use('password', local);
  instance.use('access-token', jwt);

  /** Passport's answer, without letting it write the response. */
  const ask = <User>(strategy: string, request: Request, response: Response) =>
    new Promise<{ user: User | null; info: unknown }>((resolve, reject) => {
      const answered = (error: unknown, user: User | false | null | undefined, info: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error('a passport strategy failed', { cause: error }));
        else resolve({ user: user || null, info });
      };
      const middleware = instance.authenticate(strategy, { session: false }, answered) as PassportMiddleware;
      middleware(request, response, reject);
    });

  return {
    byAccessToken: async (request, response) => {
      const { user, info } = await ask<RequestUser>('access-token', request, response);
      if (user === null) throw explainRefusal(info);
      return user;
    },
    byPassword: async (request, response) => (await ask<Account>('password', request, response)).user,
  };
}

type PassportMiddleware = (request: Request, response: Response, next: (error: unknown) => void) => void;

function explainRefusal(info: unknown): Unauthorized {
  if (!(info instanceof Error))
    return new Unauthorized('The session has ended. Sign in again.', INVALID_TOKEN_CHALLENGE);
  if (info.name === 'TokenExpiredError') {
    return new Unauthorized('The access token has expired. Refresh it.', INVALID_TOKEN_CHALLENGE);
  }
  if (info.message === 'No auth token')
    return new Unauthorized('Send an access token as Authorization: Bearer <token>.');
  return new Unauthorized('The access token is not valid.', INVALID_TOKEN_CHALLENGE);
}
