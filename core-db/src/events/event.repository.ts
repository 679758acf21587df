import type { BusEvent } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';

/**
 * Stores events of the timeline; those that are there already are left alone, so a repeated delivery changes nothing.
 * @returns how many were new
 */
export async function insertEvents(db: DatabaseSession, events: readonly BusEvent[]): Promise<number> {
  const inserted = await queryRows(
    db,
    `insert into events (id, kind, at, agent_id, service_id, data)
     select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[], $5::uuid[], $6::jsonb[])
     on conflict (id) do nothing returning id`,
    [
      events.map(({ id }) => id),
      events.map(({ kind }) => kind),
      events.map(({ at }) => at),
      events.map(({ agentId }) => agentId),
      events.map(({ serviceId }) => serviceId),
      events.map(({ data }) => JSON.stringify(data)),
    ],
  );
  return inserted.length;
}
