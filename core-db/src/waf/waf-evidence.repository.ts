import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';
import type { WafEvidenceRow } from './waf-evidence.entity.ts';

/** Rows of one reading: few enough that what they hold is no burden. */
const PAGE = 100;

/** Stores messages; those that are there already change nothing. */
export async function insertEvidence(db: DatabaseSession, rows: readonly WafEvidenceRow[]): Promise<void> {
  await db.query(
    `insert into waf_evidence (agent_id, partition, sampled_at, stored_at, message)
     select * from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::jsonb[])
     on conflict do nothing`,
    [
      rows.map(({ agentId }) => agentId),
      rows.map(({ partition }) => partition),
      rows.map(({ sampledAt }) => sampledAt),
      rows.map(({ storedAt }) => storedAt),
      rows.map(({ message }) => storableJson(message)),
    ],
  );
}

/** What was stored since a time, in that order, a page at a time: no more of it is in memory at once. */
export async function* readEvidence(db: DatabaseSession, since: Date): AsyncGenerator<readonly WafEvidenceRow[]> {
  let after: readonly [storedAt: Date, agentId: string, partition: number, sampledAt: Date] = [
    since,
    '00000000-0000-0000-0000-000000000000',
    -1,
    new Date(0),
  ];
  for (;;) {
    const rows = await queryRows<WafEvidenceRow>(
      db,
      `select agent_id as "agentId", partition, sampled_at as "sampledAt", stored_at as "storedAt", message
       from waf_evidence where (stored_at, agent_id, partition, sampled_at) > ($1, $2::uuid, $3, $4)
       order by stored_at, agent_id, partition, sampled_at limit ${PAGE}`,
      [...after],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = [last.storedAt, last.agentId, last.partition, last.sampledAt];
  }
}
