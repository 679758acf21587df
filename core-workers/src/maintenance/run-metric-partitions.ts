import { maintainMetricPartitions, type Database, type MetricRetention } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';

const INTERVAL_MS = 600_000;

interface MetricPartitionsDeps {
  readonly database: Database;
  readonly logger: Logger;
  readonly metricRetention: MetricRetention;
}

/** Makes partitions ahead of their time and drops those that are too old, until the signal aborts. */
export function runMetricPartitions(
  { database, logger, metricRetention }: MetricPartitionsDeps,
  signal: AbortSignal,
): { readonly finished: Promise<void> } {
  return runPeriodically(
    async () => {
      const { created, dropped } = await maintainMetricPartitions(database, metricRetention);
      if (created.length + dropped.length > 0) logger.info({ created, dropped }, 'changed partitions of metrics');
    },
    {
      intervalMs: INTERVAL_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot maintain partitions'),
    },
  );
}
