import type { ServiceTops, TopList, TopListName } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { DueRollup } from '../metrics/due-rollup.repository.ts';
import { rawLevel, type RollupLevel } from '../metrics/metric-levels.ts';
import { ALL_SERVICES, topsLevels } from './traffic-tables.ts';

export type TopLists = ServiceTops['lists'];
/** Of what came to different services, or at different times. */
export type MergeTopLists = (a: TopList, b: TopList) => TopList;

/** Merges the lists of buckets, one bucket of one node after the other: lists are long. */
export async function rollUpTops(
  tx: DatabaseSession,
  merge: MergeTopLists,
  level: RollupLevel,
  due: readonly DueRollup[],
): Promise<void> {
  const finer = topsLevels[topsLevels.indexOf(level) - 1];
  if (finer === undefined) return;
  for (const { agentId, bucket } of due) {
    const found = await queryRows<{ serviceId: string; lists: TopLists }>(
      tx,
      `select service_id as "serviceId", lists from traffic_tops${finer.suffix}
       where agent_id = $1 and at >= $2 and at < $3`,
      [agentId, bucket, new Date(bucket.getTime() + level.resolutionMs)],
    );
    const merged = new Map<string, TopLists>();
    for (const { serviceId, lists } of found) {
      addLists(merged, serviceId, lists, merge);
      // The finest rollup also has all services together.
      if (finer === rawLevel) addLists(merged, ALL_SERVICES, lists, merge);
    }
    await storeTops(tx, level, { agentId, bucket }, merged);
  }
}

function addLists(merged: Map<string, TopLists>, serviceId: string, lists: TopLists, merge: MergeTopLists): void {
  merged.set(serviceId, mergeLists(merged.get(serviceId) ?? {}, lists, merge));
}

/** All kinds of lists that either has. */
export function mergeLists(some: TopLists, others: TopLists, merge: MergeTopLists): TopLists {
  const merged = { ...some };
  for (const [name, list] of Object.entries(others) as [TopListName, TopList][]) {
    const before = merged[name];
    merged[name] = before === undefined ? list : merge(before, list);
  }
  return merged;
}

/** A rollup is never replaced by none: past their retention the finer rows are gone. */
async function storeTops(
  tx: DatabaseSession,
  { suffix }: RollupLevel,
  { agentId, bucket }: DueRollup,
  merged: ReadonlyMap<string, TopLists>,
): Promise<void> {
  const rows = [...merged].map(([serviceId, lists]) => ({ service_id: serviceId, lists }));
  if (rows.length === 0) return;
  await tx.query(
    `insert into traffic_tops${suffix} (agent_id, at, service_id, lists)
     select $1, $2, r.service_id, r.lists from jsonb_to_recordset($3::jsonb) as r (service_id uuid, lists jsonb)
     order by r.service_id
     on conflict (agent_id, at, service_id) do update set lists = excluded.lists`,
    [agentId, bucket, JSON.stringify(rows)],
  );
}
