import { createUser, deleteUser, listUsers, updateUser } from '@flotilla/contracts';
import { listUsers as readUsers, type DatabaseSession } from '@flotilla/core-db';
import { handle, type BoundRoute } from '../http/index.ts';
import { addUser, changeUser, removeUser, type UserChangeDeps } from './change-users.ts';

export interface UsersRoutesDeps extends UserChangeDeps {
  readonly database: DatabaseSession;
}

export function usersRoutes(deps: UsersRoutesDeps): BoundRoute[] {
  return [
    handle(listUsers, async ({ query }) => ({ ...(await readUsers(deps.database, query)), ...pageOf(query) })),
    handle(createUser, async ({ body, user, clientAddress }) => addUser(deps, body, { user, clientAddress })),
    handle(updateUser, async ({ params, body, user, clientAddress }) =>
      changeUser(deps, params.id, body, { user, clientAddress }),
    ),
    handle(deleteUser, async ({ params, user, clientAddress }) => removeUser(deps, params.id, { user, clientAddress })),
  ];
}

function pageOf({ page, pageSize }: { page: number; pageSize: number }) {
  return { page, pageSize };
}
