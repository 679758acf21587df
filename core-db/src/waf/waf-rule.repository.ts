import { queryRows, type DatabaseSession } from '../database-session.ts';
import { storableJson } from '../storable-text.ts';
import type { WafRuleRow } from './waf-rule.entity.ts';

const COLUMNS = 'id, settings, updated_at as "updatedAt", updated_by as "updatedBy"';

/** In the order of their ids: that in which the operators' own were made. */
export async function listWafRules(db: DatabaseSession): Promise<WafRuleRow[]> {
  return queryRows(db, `select ${COLUMNS} from waf_rules order by id`);
}

export async function saveWafRule(tx: DatabaseSession, row: WafRuleRow): Promise<void> {
  await tx.query(
    `insert into waf_rules (id, settings, updated_at, updated_by) values ($1, $2, $3, $4)
     on conflict (id) do update set settings = excluded.settings, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by`,
    [row.id, storableJson(row.settings), row.updatedAt, row.updatedBy],
  );
}

/** @returns what was there; null for nothing */
export async function deleteWafRule(tx: DatabaseSession, id: string): Promise<WafRuleRow | null> {
  const [deleted] = await queryRows<WafRuleRow>(tx, `delete from waf_rules where id = $1 returning ${COLUMNS}`, [id]);
  return deleted ?? null;
}
