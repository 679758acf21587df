import { countAffected, type DatabaseSession } from '../database-session.ts';

/** Rows that one statement deletes: short enough that nobody waits for its locks. */
const BATCH = 5000;

/** What is deleted, by name: the table and the condition with `$1`, an age in milliseconds. */
const OLD_ROWS = {
  outbox: { table: 'outbox', condition: `published_at < ${ago()}` },
  joinTokens: { table: 'join_tokens', condition: `expires_at < ${ago()}` },
  /** A token of an ended session stays for the age, so that its reuse is still noticed as such. */
  refreshTokens: { table: 'refresh_tokens', condition: `(expires_at < ${ago()} or revoked_at < ${ago()})` },
  tasks: { table: 'tasks', condition: `finished_at < ${ago()}` },
  audit: { table: 'audit', condition: `at < ${ago()}` },
  events: { table: 'events', condition: `at < ${ago()}` },
  scalingDecisions: { table: 'scaling_decisions', condition: `at < ${ago()}` },
  containerTemplates: { table: 'container_templates', condition: `expires_at < ${ago()}` },
  /** What nodes end by themselves: of one that lasts until it is lifted they must hear, however late. */
  bans: { table: 'bans', condition: `expires_at < ${ago()}` },
  wafEvidence: { table: 'waf_evidence', condition: `stored_at < ${ago()}` },
  scalingPoints: { table: 'scaling_points', condition: `at < ${ago()}` },
} as const;

export type RetainedRows = keyof typeof OLD_ROWS;

/**
 * Deletes one batch of rows that are older than `ageMs` by the database's clock.
 * @returns how many were deleted, and whether there may be more
 */
export async function deleteOldRows(
  db: DatabaseSession,
  what: RetainedRows,
  ageMs: number,
): Promise<{ readonly deleted: number; readonly isMore: boolean }> {
  const { table, condition } = OLD_ROWS[what];
  const deleted = await countAffected(
    db,
    `delete from ${table} where ctid = any(array(
       select ctid from ${table} where ${condition} limit ${BATCH} for update skip locked))`,
    [ageMs],
  );
  return { deleted, isMore: deleted === BATCH };
}

function ago(): string {
  return `now() - $1 * interval '1 millisecond'`;
}
