import { countAffected, type DatabaseSession } from '../database-session.ts';

export interface EndedLeases {
  /** Tasks that are pending again. */
  readonly requeued: number;
  /** Tasks that were delivered often enough. */
  readonly expired: number;
}

/**
 * Deals with tasks whose agent did not answer while it had the lease: pending again, or expired once they were
 * delivered `maxDeliveries` times. Safe in several workers at once: a row leaves the state that is looked for.
 */
export async function endOverdueLeases(db: DatabaseSession, maxDeliveries: number): Promise<EndedLeases> {
  const expired = await countAffected(
    db,
    `update tasks set state = 'expired', lease_until = null, finished_at = now(),
       outcome = 'The agent took it ' || deliveries || ' times and never answered.'
     where state in ('delivered', 'running') and lease_until < now() and deliveries >= $1`,
    [maxDeliveries],
  );
  const requeued = await countAffected(
    db,
    `update tasks set state = 'pending', lease_until = null
     where state in ('delivered', 'running') and lease_until < now() and deliveries < $1`,
    [maxDeliveries],
  );
  return { requeued, expired };
}
