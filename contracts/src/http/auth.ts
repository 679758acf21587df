import { z } from 'zod';
import { entityId, instant } from '../values/identifiers.ts';
import { defineRoute } from './route.ts';

const tag = 'auth';

/** Each role may do what the ones before it may. */
export const role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof role>;

export const emailAddress = z
  .email('is not an e-mail address')
  .max(254, 'must have at most 254 characters')
  .toLowerCase();

export const newPassword = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(256, 'must have at most 256 characters');

export const currentUser = z.object({
  id: entityId,
  email: z.string(),
  role,
  /** True for the one-time password of the first start and for passwords that an administrator set. */
  mustChangePassword: z.boolean(),
});
export type CurrentUser = z.infer<typeof currentUser>;

/** The access token goes into `Authorization: Bearer`; the refresh token travels as a cookie only. */
export const session = z.object({ accessToken: z.string(), expiresAt: instant, user: currentUser });
export type Session = z.infer<typeof session>;

export const login = defineRoute({
  method: 'post',
  path: '/api/auth/login',
  access: 'public',
  tag,
  summary: 'Sign in; sets the refresh cookie',
  body: z.strictObject({ email: emailAddress, password: z.string().min(1, 'must not be empty').max(256) }),
  status: 200,
  response: session,
});

export const refresh = defineRoute({
  method: 'post',
  path: '/api/auth/refresh',
  access: 'session',
  tag,
  summary: 'Exchange the refresh cookie for a new access token; reuse of an old cookie ends its family',
  status: 200,
  response: session,
});

export const logout = defineRoute({
  method: 'post',
  path: '/api/auth/logout',
  access: 'session',
  tag,
  summary: 'Sign out: ends the refresh family and clears the cookie',
  status: 204,
});

export const getCurrentUser = defineRoute({
  method: 'get',
  path: '/api/auth/me',
  access: 'viewer',
  tag,
  summary: 'Who is signed in',
  status: 200,
  response: currentUser,
});

export const changePassword = defineRoute({
  method: 'post',
  path: '/api/auth/password',
  access: 'viewer',
  tag,
  summary: 'Change the own password; signs out every other session',
  body: z.strictObject({ currentPassword: z.string().min(1).max(256), newPassword }),
  status: 204,
});
