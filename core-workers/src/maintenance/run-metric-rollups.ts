import { rollUpMetrics, type Database } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';

const INTERVAL_MS = 5000;

interface MetricRollupsDeps {
  readonly database: Database;
  readonly logger: Logger;
}

/** Computes rollups that are due, until the signal aborts; a backlog batch after batch, without a pause between them. */
export function runMetricRollups(
  { database, logger }: MetricRollupsDeps,
  signal: AbortSignal,
): { readonly finished: Promise<void> } {
  return runPeriodically(
    async () => {
      for (let isMore = true; isMore && !signal.aborted;) isMore = (await rollUpMetrics(database)).isMore;
    },
    {
      intervalMs: INTERVAL_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot compute rollups'),
    },
  );
}
