import { queryRows, type DatabaseSession } from '../database-session.ts';

/** What an agent has not got rid of, by its newest sample. */
export interface SpoolRecord {
  readonly agentId: string;
  readonly agentName: string;
  readonly sampledAt: Date;
  readonly spoolBytes: number | null;
  readonly droppedSamples: number | null;
  readonly clockOffsetMs: number | null;
}

/** Agents with something in their spool or with dropped samples in the last day, the worst first. */
export async function listSpoolStates(db: DatabaseSession, limit: number): Promise<SpoolRecord[]> {
  return queryRows(
    db,
    `select a.id as "agentId", a.name as "agentName", m.at as "sampledAt", m.spool_bytes as "spoolBytes",
       m.spool_dropped_samples as "droppedSamples", m.clock_offset_ms as "clockOffsetMs"
     from agents a cross join lateral (
       select at, spool_bytes, spool_dropped_samples, clock_offset_ms from host_metrics
       where agent_id = a.id and at > now() - interval '1 day' order by at desc limit 1
     ) as m
     where m.spool_bytes > 0 or m.spool_dropped_samples > 0
     order by m.spool_dropped_samples desc nulls last, m.spool_bytes desc nulls last, a.name limit $1`,
    [limit],
  );
}
