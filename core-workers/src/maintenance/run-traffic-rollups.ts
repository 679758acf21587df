import { MAX_TOP_ENTRIES } from '@flotilla/contracts';
import { rollUpTraffic, type Database } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';
import { mergeTopLists } from '@flotilla/traffic';

const INTERVAL_MS = 5000;

interface TrafficRollupsDeps {
  readonly database: Database;
  readonly logger: Logger;
}

/** Computes rollups of traffic that are due, until the signal aborts; a backlog batch after batch, without a pause between them. */
export function runTrafficRollups(
  { database, logger }: TrafficRollupsDeps,
  signal: AbortSignal,
): { readonly finished: Promise<void> } {
  return runPeriodically(
    async () => {
      for (let isMore = true; isMore && !signal.aborted;) {
        isMore = (await rollUpTraffic(database, (a, b) => mergeTopLists(a, b, MAX_TOP_ENTRIES))).isMore;
      }
    },
    {
      intervalMs: INTERVAL_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot compute rollups of traffic'),
    },
  );
}
