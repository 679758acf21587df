import { QueryFailedError } from 'typeorm';
import { inTransaction, type Database } from './database.ts';
import type { DatabaseSession } from './database-session.ts';

/** SQLSTATE query_canceled: by the statement's time limit, or by an administrator (PostgreSQL, appendix A). */
const QUERY_CANCELED = '57014';

/** A reading that took longer than it was given. */
export class ReadingTooSlow extends Error {
  constructor(limitMs: number, cause: unknown) {
    super(`the database was not done within ${limitMs} ms`, { cause });
    this.name = 'ReadingTooSlow';
  }
}

/**
 * Runs `read` in a transaction that writes nothing; the server itself ends each of its statements after `limitMs`.
 * @throws ReadingTooSlow
 */
export async function readWithin<Value>(
  database: Database,
  limitMs: number,
  read: (tx: DatabaseSession) => Promise<Value>,
): Promise<Value> {
  try {
    return await inTransaction(database, async (tx) => {
      await tx.query(
        "select set_config('statement_timeout', $1, true), set_config('transaction_read_only', 'on', true)",
        [String(limitMs)],
      );
      return read(tx);
    });
  } catch (error) {
    const { code } = error instanceof QueryFailedError ? (error.driverError as { code?: unknown }) : {};
    throw code === QUERY_CANCELED ? new ReadingTooSlow(limitMs, error) : error;
  }
}
