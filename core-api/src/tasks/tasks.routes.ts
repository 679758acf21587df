import { listTasks } from '@flotilla/contracts';
import { listTasks as readTasks, type DatabaseSession } from '@flotilla/core-db';
import { handle, type BoundRoute } from '../http/index.ts';

export function tasksRoutes({ database }: { readonly database: DatabaseSession }): BoundRoute[] {
  return [
    handle(listTasks, async ({ query }) => {
      const found = await readTasks(database, query);
      return { ...found, page: query.page, pageSize: query.pageSize };
    }),
  ];
}
