import { SHIPPED_GUARDS, wafGuards, type WafGuards } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';

/** How much may be banned; as shipped where nobody has said, or where it cannot be read (another version has written it). */
export async function readWafGuards(db: DatabaseSession): Promise<WafGuards> {
  const [row] = await queryRows<{ guards: unknown }>(db, 'select guards from waf_state');
  return wafGuards.safeParse(row?.guards).data ?? SHIPPED_GUARDS;
}

export async function saveWafGuards(tx: DatabaseSession, guards: WafGuards): Promise<void> {
  await tx.query('update waf_state set guards = $1', [storableJson(guards)]);
}

/** Bans that rules have made since a time. */
export async function countRuleBans(db: DatabaseSession, since: Date): Promise<number> {
  const [row] = await queryRows<{ count: number }>(
    db,
    `select count(*)::int as count from bans where rule_id is not null and state <> 'held' and created_at > $1`,
    [since],
  );
  return row?.count ?? 0;
}
