import { queryRows, type DatabaseSession } from '../database-session.ts';
import type { ErrorPageContentRow } from './error-page-content.entity.ts';

/** Keeps contents; what is there already is equal. */
export async function insertErrorPageContents(
  tx: DatabaseSession,
  contents: readonly ErrorPageContentRow[],
): Promise<void> {
  await tx.query(
    `insert into error_page_contents (hash, html) select hash, html from unnest($1::text[], $2::text[]) as c (hash, html)
     order by hash on conflict (hash) do nothing`,
    [contents.map(({ hash }) => hash), contents.map(({ html }) => html)],
  );
}

/** HTML by hash. */
export async function readErrorPageContents(
  db: DatabaseSession,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  const sql = 'select hash, html from error_page_contents where hash = any($1::text[])';
  const rows = await queryRows<ErrorPageContentRow>(db, sql, [hashes]);
  return new Map(rows.map(({ hash, html }) => [hash, html]));
}

/** A content that one of an agent's own services has now; null for any other, whether it is there or not. */
export async function findErrorPageOfAgent(db: DatabaseSession, agentId: string, hash: string): Promise<string | null> {
  const [row] = await queryRows<{ html: string }>(
    db,
    `select c.html from error_page_contents c where c.hash = $2 and exists (
       select from service_nodes n join services s on s.id = n.service_id
         join error_page_sets e on coalesce(s.settings #>> '{errorPages,set}', 'default')
           in (e.id::text, case when e.is_default then 'default' end)
         cross join jsonb_each_text(e.pages) p
       where n.agent_id = $1 and p.value = c.hash)`,
    [agentId, hash],
  );
  return row?.html ?? null;
}

/** Removes a set's oldest versions, and contents that no version has. Call it with the sets held. */
export async function pruneErrorPages(tx: DatabaseSession, keptVersions: number): Promise<void> {
  await tx.query(
    `delete from error_page_versions v using error_page_sets e
     where e.id = v.set_id and v.revision <= e.revision - $1`,
    [keptVersions],
  );
  await tx.query(
    `delete from error_page_contents c where not exists (
       select from error_page_versions v cross join jsonb_each_text(v.pages) p where p.value = c.hash)`,
  );
}
