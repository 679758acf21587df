import { MigrationExecutor } from 'typeorm';
import type { Database, DatabaseLogger } from '../database.ts';

/** Any number will do, as long as all Flotilla programs use the same one. */
const MIGRATION_LOCK = 7_305_461_120;

/**
 * Brings the tables up to date, wholly or not at all. Processes that start at once wait for each other: lock and
 * migrations belong to one transaction, so a process that dies half-way gives both up.
 * @returns names of the migrations that this call has run
 */
export async function runMigrations(database: Database, logger: DatabaseLogger): Promise<string[]> {
  const migrations = await database.transaction(async (tx) => {
    // Waiting for another process, or filling an index, may take longer than a statement of everyday work.
    await tx.query('set local statement_timeout to 0');
    await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(database, tx.queryRunner);
    executor.transaction = 'all';
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  });
  if (migrations.length > 0) logger.info({ migrations }, 'the database is up to date now');
  return migrations;
}
