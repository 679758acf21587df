import { queryRows, type DatabaseSession } from '../database-session.ts';

/**
 * The newest revision of bans, held until the transaction ends: changes are committed in the order of their revisions, so that a
 * node that has one has all before it. Each change takes the next one; the last is handed to `setBanRevision`.
 */
export async function lockBanRevision(tx: DatabaseSession): Promise<number> {
  const [row] = await queryRows<{ revision: string }>(tx, 'select revision from waf_state for update');
  return Number(row?.revision);
}

export async function setBanRevision(tx: DatabaseSession, revision: number): Promise<void> {
  await tx.query('update waf_state set revision = $1', [revision]);
}

export interface BanRevisions {
  readonly current: number;
  /** Of the last change to what is allowed. */
  readonly allowed: number;
}

export async function readBanRevisions(db: DatabaseSession): Promise<BanRevisions> {
  const [row] = await queryRows<{ current: string; allowed: string }>(
    db,
    'select revision as current, allowed_revision as allowed from waf_state',
  );
  return { current: Number(row?.current), allowed: Number(row?.allowed) };
}

/** What nginx of a node confirmed that it enforces. */
export async function setEnforcedBanRevision(tx: DatabaseSession, agentId: string, revision: number): Promise<void> {
  await tx.query('update agents set ban_revision = $2 where id = $1', [agentId, revision]);
}
