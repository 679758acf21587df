import { countAffected, queryRows, type DatabaseSession } from '../database-session.ts';
import type { ErrorPageSetRow, StoredErrorPages } from './error-page-set.entity.ts';
import type { ErrorPageVersionRow } from './error-page-version.entity.ts';

/** A set with the size of its pages, and how many services answer with it. */
export interface ErrorPageSetRecord extends ErrorPageSetRow {
  readonly bytesByHash: Readonly<Record<string, number>>;
  readonly services: number;
}

/** What a save writes: the set as it is from now on, and the version that says so. */
export type SavedErrorPages = Omit<ErrorPageVersionRow, 'setId'> & { readonly id: string };

/** What a service has chosen; those that were saved before there were sets have the default. */
const CHOICE = `coalesce(s.settings #>> '{errorPages,set}', 'default')`;
const CHOOSES = `(${CHOICE} = e.id::text or (e.is_default and ${CHOICE} = 'default'))`;
const RECORD = `e.id, e.name, e.is_default as "isDefault", e.revision, e.pages, e.updated_at as "updatedAt",
  e.updated_by as "updatedBy", (select count(*)::int from services s where ${CHOOSES}) as services,
  (select coalesce(jsonb_object_agg(c.hash, octet_length(c.html)), '{}') from error_page_contents c
    where c.hash in (select p.value from jsonb_each_text(e.pages) p)) as "bytesByHash"`;

/**
 * Holds every set, and every node, until the transaction ends: nobody changes meanwhile which service has which pages. Nodes
 * first, like everybody.
 */
export async function holdErrorPages(tx: DatabaseSession): Promise<void> {
  await tx.query('select from agents order by id for no key update');
  await tx.query('lock table error_page_sets in share row exclusive mode');
}

/** By name. */
export async function listErrorPageSets(db: DatabaseSession): Promise<ErrorPageSetRecord[]> {
  return queryRows(db, `select ${RECORD} from error_page_sets e order by lower(e.name), e.id`);
}

export async function findErrorPageSet(db: DatabaseSession, id: string): Promise<ErrorPageSetRecord | null> {
  const [row] = await queryRows<ErrorPageSetRecord>(db, `select ${RECORD} from error_page_sets e where e.id = $1`, [
    id,
  ]);
  return row ?? null;
}

/** Adds a set, or saves it again, and keeps the version. @throws a unique violation when the name is taken */
export async function saveErrorPageSet(tx: DatabaseSession, saved: SavedErrorPages): Promise<void> {
  const { id, name, revision, savedAt, savedBy, restoredRevision } = saved;
  const values = [id, name, revision, JSON.stringify(saved.pages), savedAt, savedBy];
  await tx.query(
    `insert into error_page_sets (id, name, revision, pages, updated_at, updated_by) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set name = excluded.name, revision = excluded.revision, pages = excluded.pages,
       updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    values,
  );
  await tx.query(
    `insert into error_page_versions (set_id, name, revision, pages, saved_at, saved_by, restored_revision)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [...values, restoredRevision],
  );
}

/** With its versions. */
export async function deleteErrorPageSet(tx: DatabaseSession, id: string): Promise<void> {
  await tx.query('delete from error_page_sets where id = $1', [id]);
}

/** @param id null for no default @returns false when there is no such set */
export async function setDefaultErrorPages(tx: DatabaseSession, id: string | null): Promise<boolean> {
  await tx.query('update error_page_sets set is_default = false where is_default');
  if (id === null) return true;
  return (await countAffected(tx, 'update error_page_sets set is_default = true where id = $1', [id])) === 1;
}

/** What the desired states of nodes are made from. */
export async function listErrorPageHashes(
  db: DatabaseSession,
): Promise<{ readonly id: string; readonly isDefault: boolean; readonly pages: StoredErrorPages }[]> {
  return queryRows(db, 'select id, is_default as "isDefault", pages from error_page_sets');
}

/** Names of the services that have chosen a set themselves. */
export async function listErrorPageChoosers(db: DatabaseSession, id: string): Promise<string[]> {
  const sql = `select s.name from services s where ${CHOICE} = $1::text order by s.name`;
  return (await queryRows<{ name: string }>(db, sql, [id])).map(({ name }) => name);
}

/** Nodes with a service that has chosen the set, or with `ofDefault` none. In order. */
export async function listErrorPageAgents(
  db: DatabaseSession,
  { id, ofDefault }: { readonly id: string | null; readonly ofDefault: boolean },
): Promise<string[]> {
  const rows = await queryRows<{ agentId: string }>(
    db,
    `select distinct n.agent_id as "agentId" from services s join service_nodes n on n.service_id = s.id
     where ${CHOICE} = $1::text or ($2 and ${CHOICE} = 'default') order by n.agent_id`,
    [id, ofDefault],
  );
  return rows.map(({ agentId }) => agentId);
}

const VERSION = `set_id as "setId", revision, name, pages, saved_at as "savedAt", saved_by as "savedBy",
  restored_revision as "restoredRevision"`;

/** Newest first. */
export async function listErrorPageVersions(db: DatabaseSession, setId: string): Promise<ErrorPageVersionRow[]> {
  return queryRows(db, `select ${VERSION} from error_page_versions where set_id = $1 order by revision desc`, [setId]);
}

export async function findErrorPageVersion(
  db: DatabaseSession,
  setId: string,
  revision: number,
): Promise<ErrorPageVersionRow | null> {
  const sql = `select ${VERSION} from error_page_versions where set_id = $1 and revision = $2`;
  const [row] = await queryRows<ErrorPageVersionRow>(db, sql, [setId, revision]);
  return row ?? null;
}
