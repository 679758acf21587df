import { listAudit } from '@flotilla/contracts';
import { listAudit as readAudit, type DatabaseSession } from '@flotilla/core-db';
import { handle, type BoundRoute } from '../http/index.ts';

export function auditRoutes({ database }: { readonly database: DatabaseSession }): BoundRoute[] {
  return [
    handle(listAudit, async ({ query }) => {
      const { from, to, ...filters } = query;
      const found = await readAudit(database, {
        ...filters,
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
      });
      return { ...found, page: query.page, pageSize: query.pageSize };
    }),
  ];
}
