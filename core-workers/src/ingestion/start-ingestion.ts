import { busEvent, consumers, EVENTS_STREAM } from '@flotilla/contracts';
import { insertEvents, isDatabaseUnavailable, type Database } from '@flotilla/core-db';
import { LOG_KEYS, type BusConnection, type Logger } from '@flotilla/runtime';
import { startConsumer, type RunningConsumer } from '../consumer/start-consumer.ts';

export interface IngestionDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
}

/** Starts the role `ingestion`: events from the bus into the timeline, once each. It ends when the signal aborts. */
export function startIngestion({ database, bus, logger }: IngestionDeps, signal: AbortSignal): RunningConsumer {
  return startConsumer(
    {
      stream: EVENTS_STREAM,
      durable: consumers.timeline,
      schema: busEvent,
      handle: async (events) => {
        await insertEvents(database.manager, events);
      },
      isPassing: isDatabaseUnavailable,
    },
    { bus, logger: logger.child({ [LOG_KEYS.role]: 'ingestion' }), signal },
  );
}
