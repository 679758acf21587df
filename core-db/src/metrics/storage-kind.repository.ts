import { queryRows, type DatabaseSession } from '../database-session.ts';

/** Who keeps the time series: TimescaleDB, or partitions with rollups by the maintenance role. */
export type StorageKind = 'timescale' | 'native';

/** What the migration has found. An extension that is installed later changes nothing: the tables are what they are. */
export async function readStorageKind(db: DatabaseSession): Promise<StorageKind> {
  const [row] = await queryRows<{ isPartitioned: boolean }>(
    db,
    `select relkind = 'p' as "isPartitioned" from pg_class where oid = 'host_metrics'::regclass`,
  );
  return row?.isPartitioned === false ? 'timescale' : 'native';
}

/**
 * Creates the extension where it can be used, in the caller's transaction. A server that has its files but has not
 * preloaded them ends the session of whoever tries: so it is only tried where the loader's settings are known. The licence
 * without continuous aggregates (`apache`) is of no use here.
 * @returns whether it is there
 */
export async function createTimescale(tx: DatabaseSession): Promise<boolean> {
  const [found] = await queryRows<{ canBeCreated: boolean }>(
    tx,
    `select exists (select 1 from pg_extension where extname = 'timescaledb')
       or (exists (select 1 from pg_available_extensions where name = 'timescaledb')
         and exists (select 1 from pg_settings where name like 'timescaledb%')) as "canBeCreated"`,
  );
  if (found?.canBeCreated !== true) return false;
  await tx.query('savepoint create_timescale');
  try {
    await tx.query('create extension if not exists timescaledb');
  } catch {
    // For instance a role without the right to create it: the native tables do the same.
    await tx.query('rollback to savepoint create_timescale');
    return false;
  }
  const [license] = await queryRows<{ name: string | null }>(
    tx,
    `select current_setting('timescaledb.license', true) as name`,
  );
  return license?.name !== 'apache';
}
