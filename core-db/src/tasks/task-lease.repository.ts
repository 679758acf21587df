import { queryRows, type DatabaseSession } from '../database-session.ts';

/** How many tasks left their overdue lease, by what became of them. */
export interface EndedLeases {
  /** Available again. */
  readonly pending: number;
  /** Delivered often enough. */
  readonly expired: number;
  /** Outdated by a newer desired state or number of replicas: delivered again, the older one would undo it. */
  readonly superseded: number;
}

/**
 * Deals with tasks whose agent did not answer while it had the lease: pending again, expired once they were delivered
 * `maxDeliveries` times, superseded when there is a newer one in its place. Safe in several workers at once: rows that
 * another transaction holds are left alone.
 */
export async function endOverdueLeases(db: DatabaseSession, maxDeliveries: number): Promise<EndedLeases> {
  const ended = await queryRows<{ state: keyof EndedLeases }>(
    db,
    `with overdue as materialized (
       select id, case
           when type = 'UPDATE_NGINX' and exists (
             select from tasks newer where newer.agent_id = t.agent_id and newer.type = t.type
               and (newer.created_at, newer.id) > (t.created_at, t.id)) then 'superseded'
           when type = 'SCALE' and exists (
             select from tasks newer where newer.agent_id = t.agent_id and newer.type = t.type
               and newer.created_at >= t.created_at and newer.payload->>'serviceId' = t.payload->>'serviceId'
               and (newer.payload->>'scaleRevision')::int > (t.payload->>'scaleRevision')::int) then 'superseded'
           when deliveries >= $1 then 'expired'
           else 'pending'
         end as state
       from tasks t where state in ('delivered', 'running') and lease_until < now()
       order by id for update of t skip locked)
     update tasks set state = overdue.state, lease_until = null,
       finished_at = case when overdue.state <> 'pending' then now() end,
       outcome = case overdue.state
         when 'expired' then 'The agent took it ' || deliveries || ' times and never answered.'
         when 'superseded' then case type
           when 'SCALE' then 'A newer number of replicas took its place.'
           else 'A newer configuration took its place.' end end
     from overdue where tasks.id = overdue.id
     returning overdue.state`,
    [maxDeliveries],
  );
  const count = (state: keyof EndedLeases): number => ended.filter((row) => row.state === state).length;
  return { pending: count('pending'), expired: count('expired'), superseded: count('superseded') };
}
