import { ReadingTooSlow, readWithin, type Database, type DatabaseSession } from '@flotilla/core-db';
import { Unavailable } from '../http/index.ts';

const RETRY_AFTER_SECONDS = 5;

/** Reads in a session whose statements the server ends after a time. */
export type LimitedRead = <Value>(read: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;

/**
 * For readings whose cost the caller chooses: one that takes too long must not hold a connection that heartbeats need.
 * The returned function throws Unavailable with what to ask for instead.
 */
export function limitReads(database: Database, limitMs: number): LimitedRead {
  return async (read) => {
    try {
      return await readWithin(database, limitMs, read);
    } catch (error) {
      if (!(error instanceof ReadingTooSlow)) throw error;
      const detail = `The database was not done with these figures within ${limitMs / 1000} s. Ask for a shorter range, or for fewer nodes, containers or metrics at once.`;
      throw new Unavailable(detail, RETRY_AFTER_SECONDS, error);
    }
  };
}
