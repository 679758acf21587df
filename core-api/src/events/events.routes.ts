import { listEvents } from '@flotilla/contracts';
import { listEvents as readEvents, type DatabaseSession } from '@flotilla/core-db';
import { handle, type BoundRoute } from '../http/index.ts';

export function eventsRoutes({ database }: { readonly database: DatabaseSession }): BoundRoute[] {
  return [
    handle(listEvents, async ({ query }) => {
      const found = await readEvents(database, query);
      return { ...found, page: query.page, pageSize: query.pageSize };
    }),
  ];
}
