import { z } from 'zod';
import { entityId, instant } from '../values/identifiers.ts';
import { emailAddress, newPassword, role } from './auth.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

const tag = 'users';
const params = z.object({ id: entityId });

export const user = z.object({
  id: entityId,
  email: z.string(),
  role,
  createdAt: instant,
  lastLoginAt: instant.nullable(),
});
export type User = z.infer<typeof user>;

export const listUsers = defineRoute({
  method: 'get',
  path: '/api/users',
  access: 'admin',
  tag,
  summary: 'Users and their roles',
  query: listQuery(['email', 'createdAt']),
  status: 200,
  response: page(user),
});

export const createUser = defineRoute({
  method: 'post',
  path: '/api/users',
  access: 'admin',
  tag,
  summary: 'Add a user, who changes the password at the first sign-in',
  body: z.strictObject({ email: emailAddress, role, password: newPassword }),
  status: 201,
  response: user,
});

export const updateUser = defineRoute({
  method: 'patch',
  path: '/api/users/:id',
  access: 'admin',
  tag,
  summary: 'Change a role or set a new password; ends the user’s sessions',
  params,
  body: z.strictObject({ role: role.optional(), password: newPassword.optional() }),
  status: 200,
  response: user,
});

export const deleteUser = defineRoute({
  method: 'delete',
  path: '/api/users/:id',
  access: 'admin',
  tag,
  summary: 'Remove a user; the last administrator cannot be removed',
  params,
  status: 204,
});
