import { deleteOldRows, type Database, type RetainedRows } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';
import { retentionMs } from './retention.ts';

const CLEAN_EVERY_MS = 600_000;

export interface CleanUpDeps {
  readonly database: Database;
  readonly logger: Logger;
}

/** Deletes rows that are older than their retention, until the signal aborts. */
export function runCleanUp(deps: CleanUpDeps, signal: AbortSignal): { readonly finished: Promise<void> } {
  return runPeriodically(() => cleanUp(deps, signal), {
    intervalMs: CLEAN_EVERY_MS,
    signal,
    onError: (err, attempt) => deps.logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot clean up'),
  });
}

/** Deletes all rows that are too old, batch by batch; stops between two batches when the signal aborts. */
export async function cleanUp({ database, logger }: CleanUpDeps, signal: AbortSignal): Promise<void> {
  for (const [what, ageMs] of Object.entries(retentionMs) as [RetainedRows, number][]) {
    let total = 0;
    for (let isMore = true; isMore && !signal.aborted;) {
      const batch = await deleteOldRows(database.manager, what, ageMs);
      total += batch.deleted;
      isMore = batch.isMore;
    }
    if (total > 0) logger.info({ what, rows: total }, 'deleted old rows');
  }
}
