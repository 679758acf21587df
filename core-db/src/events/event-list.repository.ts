import type { EventKind } from '@flotilla/contracts';
import type { DatabaseSession } from '../database-session.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import type { EventRow } from './event.entity.ts';

export interface EventFilters extends PageQuery {
  readonly agentId?: string | undefined;
  readonly serviceId?: string | undefined;
  readonly kind?: EventKind | undefined;
}

/** The timeline; `search` looks at the kinds. */
export async function listEvents(db: DatabaseSession, filters: EventFilters): Promise<SelectedPage<EventRow>> {
  return selectPage(db, {
    columns: 'id, kind, at, agent_id as "agentId", service_id as "serviceId", data',
    from: 'events',
    where: [
      ['agent_id = ?', filters.agentId],
      ['service_id = ?', filters.serviceId],
      ['kind = ?', filters.kind],
    ],
    searched: ['kind'],
    sortable: { at: 'at' },
    query: filters,
  });
}
