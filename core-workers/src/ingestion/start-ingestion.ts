import type { Database } from '@flotilla/core-db';
import { LOG_KEYS, type BusConnection, type Logger } from '@flotilla/runtime';
import type { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { ingestEvents } from './ingest-events.ts';
import { ingestMetrics } from './ingest-metrics.ts';
import { ingestTraffic } from './ingest-traffic.ts';

export interface IngestionDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
}

export interface RunningIngestion {
  /** Resolves when the signal has aborted and everything in hand is answered. */
  readonly finished: Promise<void>;
  readonly figures: readonly ConsumerFigures[];
}

/** Starts the role `ingestion`: what the bus holds into the database. Processes that have it share the work. */
export function startIngestion(deps: IngestionDeps, signal: AbortSignal): RunningIngestion {
  const logger = deps.logger.child({ [LOG_KEYS.role]: 'ingestion' });
  const running = [ingestEvents, ingestMetrics, ingestTraffic].map((ingest) => ingest({ ...deps, logger }, signal));
  return {
    finished: Promise.all(running.map(({ finished }) => finished)).then(() => undefined),
    figures: running.map(({ figures }) => figures),
  };
}
