import { MAX_TASK_DELIVERIES } from '@flotilla/contracts';
import { endOverdueLeases, type Database } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';

const LOOK_EVERY_MS = 2000;

/** Makes tasks available again whose agent did not answer in time, until the signal aborts. */
export function runTaskLeases(
  { database, logger }: { readonly database: Database; readonly logger: Logger },
  signal: AbortSignal,
): { readonly finished: Promise<void> } {
  return runPeriodically(
    async () => {
      const ended = await endOverdueLeases(database.manager, MAX_TASK_DELIVERIES);
      if (ended.pending + ended.expired + ended.superseded > 0) logger.info(ended, 'tasks were not answered in time');
    },
    {
      intervalMs: LOOK_EVERY_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot look for overdue tasks'),
    },
  );
}
