import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { ScalingPointRow } from './scaling-point.entity.ts';

const POINT = `service_id as "serviceId", at, wanted, ready, targets, active_schedule as "activeSchedule"`;

/** Stores points of charts; one that is there already is left alone, and so is one of a service that is gone. */
export async function insertScalingPoints(db: DatabaseSession, points: readonly ScalingPointRow[]): Promise<void> {
  if (points.length === 0) return;
  await db.query(
    `insert into scaling_points (service_id, at, wanted, ready, targets, active_schedule)
     select p.* from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::jsonb[], $6::text[])
       as p (service_id, at, wanted, ready, targets, active_schedule)
     join services s on s.id = p.service_id
     on conflict (service_id, at) do nothing`,
    [
      points.map(({ serviceId }) => serviceId),
      points.map(({ at }) => at),
      points.map(({ wanted }) => wanted),
      points.map(({ ready }) => ready),
      points.map(({ targets }) => JSON.stringify(targets)),
      points.map(({ activeSchedule }) => activeSchedule),
    ],
  );
}

/** The newest point of a service since a time. */
export async function findLatestScalingPoint(
  db: DatabaseSession,
  serviceId: string,
  since: Date,
): Promise<ScalingPointRow | null> {
  const [row] = await queryRows<ScalingPointRow>(
    db,
    `select ${POINT} from scaling_points where service_id = $1 and at >= $2 order by at desc limit 1`,
    [serviceId, since],
  );
  return row ?? null;
}

/** The last point within each `stepMs` of a time range (the end is not part of it), oldest first. */
export async function readScalingPoints(
  db: DatabaseSession,
  serviceId: string,
  { from, to, stepMs }: { readonly from: Date; readonly to: Date; readonly stepMs: number },
): Promise<ScalingPointRow[]> {
  return queryRows(
    db,
    `select distinct on (step) ${POINT}, floor(extract(epoch from at - $2) * 1000 / $4) as step
     from scaling_points where service_id = $1 and at >= $2 and at < $3 order by step, at desc`,
    [serviceId, from, to, stepMs],
  );
}
