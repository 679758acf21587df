import type { ScalingDecision } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import type { ScalingDecisionRow } from './scaling-decision.entity.ts';

export type ScalingDecisionRecord = Omit<ScalingDecision, 'at'> & Pick<ScalingDecisionRow, 'at'>;
export type NewScalingDecision = Omit<ScalingDecisionRecord, 'id' | 'targets' | 'limits'> & {
  readonly targets: readonly ScalingDecision['targets'][number][];
  readonly limits: readonly ScalingDecision['limits'][number][];
};

/**
 * Records a decision; false when it is there already: two owners of a service by mistake tell a thing once.
 * @param scaleRevision the service's after it
 */
export async function insertScalingDecision(
  tx: DatabaseSession,
  decision: NewScalingDecision,
  scaleRevision: number,
): Promise<boolean> {
  const { serviceId, at, outcome, from, to, wanted, ready, decisiveTarget, targets, limits, decidedBy } = decision;
  const inserted = await queryRows(
    tx,
    `insert into scaling_decisions (id, service_id, scale_revision, at, outcome, from_count, to_count, wanted, ready,
       decisive_target, targets, limits, decided_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing returning id`,
    [
      newId(),
      serviceId,
      scaleRevision,
      at,
      outcome,
      from,
      to,
      wanted,
      ready,
      decisiveTarget,
      JSON.stringify(targets),
      JSON.stringify(limits),
      decidedBy,
    ],
  );
  return inserted.length > 0;
}

/** Decisions of a time range (both ends count), newest first, at most `limit`. */
export async function listScalingDecisions(
  db: DatabaseSession,
  serviceId: string,
  { from, to, limit }: { readonly from?: Date | undefined; readonly to?: Date | undefined; readonly limit: number },
): Promise<ScalingDecisionRecord[]> {
  return queryRows(
    db,
    `select id, service_id as "serviceId", at, outcome, from_count as "from", to_count as "to", wanted, ready,
       decisive_target as "decisiveTarget", targets, limits, decided_by as "decidedBy"
     from scaling_decisions
     where service_id = $1 and at >= coalesce($2, '-infinity'::timestamptz) and at <= coalesce($3, 'infinity'::timestamptz)
     order by at desc, id limit $4`,
    [serviceId, from ?? null, to ?? null, limit],
  );
}

/** A change of a service's number. */
export interface ScaleChangeRecord {
  readonly serviceId: string;
  readonly scaleRevision: number;
  readonly at: Date;
  readonly from: number;
  readonly to: number;
}

/** Changes of the numbers of services since a time, by whomever, oldest first. */
export async function listScaleChanges(
  db: DatabaseSession,
  serviceIds: readonly string[],
  since: Date,
): Promise<ScaleChangeRecord[]> {
  return queryRows(
    db,
    `select service_id as "serviceId", scale_revision as "scaleRevision", at, from_count as "from", to_count as "to"
     from scaling_decisions
     where service_id = any($1::uuid[]) and outcome in ('scaled', 'manual') and at >= $2
     order by service_id, scale_revision`,
    [serviceIds, since],
  );
}
