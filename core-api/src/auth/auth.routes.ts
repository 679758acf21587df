import { changePassword, getCurrentUser, login, logout, refresh, type CurrentUser } from '@flotilla/contracts';
import type { Response } from 'express';
import { handle, Unauthorized, type BoundRoute } from '../http/index.ts';
import { changePassword as changeOwnPassword, type ChangePasswordDeps } from './change-password.ts';
import type { RefreshCookie } from './refresh-cookie.ts';
import { endSession, refreshSession, type OpenSession } from './sessions.ts';
import { signIn, type SignInDeps } from './sign-in.ts';

export interface AuthRoutesDeps extends SignInDeps, ChangePasswordDeps {
  readonly cookie: RefreshCookie;
}

/** Sign-in and what keeps it going. The refresh cookie's routes need cookie-parser ahead of them. */
export function authRoutes(deps: AuthRoutesDeps): BoundRoute[] {
  const answerSession = (response: Response, session: OpenSession) => {
    deps.cookie.write(response, session.refreshToken, session.refreshExpiresAt);
    return { accessToken: session.accessToken, expiresAt: session.expiresAt, user: showUser(session.user) };
  };
  return [
    handle(login, async ({ request, response, body, clientAddress }) => {
      // passport-local reads the request's body; what it finds there has to be the validated one.
      request.body = body;
      return answerSession(response, await signIn(deps, { request, response, email: body.email, clientAddress }));
    }),
    handle(refresh, async ({ request, response, clientAddress }) => {
      try {
        return answerSession(response, await refreshSession(deps, deps.cookie.read(request), clientAddress));
      } catch (error) {
        if (error instanceof Unauthorized) deps.cookie.clear(response);
        throw error;
      }
    }),
    handle(logout, async ({ request, response, clientAddress }) => {
      await endSession(deps, deps.cookie.read(request), clientAddress);
      deps.cookie.clear(response);
    }),
    handle(getCurrentUser, ({ user }) => showUser(user)),
    handle(changePassword, async ({ user, body, request, clientAddress }) =>
      changeOwnPassword(deps, { user, ...body, request, clientAddress }),
    ),
  ];
}

function showUser({ id, email, role, mustChangePassword }: CurrentUser): CurrentUser {
  return { id, email, role, mustChangePassword };
}
