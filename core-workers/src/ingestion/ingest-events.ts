import { busEvent, consumers, EVENTS_STREAM } from '@flotilla/contracts';
import { insertEvents, isDatabaseUnavailable } from '@flotilla/core-db';
import { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { parseMessage } from '../consumer/parse-message.ts';
import { startConsumer, type RunningConsumer } from '../consumer/start-consumer.ts';
import type { IngestionDeps } from './start-ingestion.ts';

/** Events from the bus into the timeline, once each, until the signal aborts. */
export function ingestEvents({ database, bus, logger }: IngestionDeps, signal: AbortSignal): RunningConsumer {
  const figures = new ConsumerFigures({ stream: EVENTS_STREAM.name, consumer: consumers.timeline });
  return startConsumer(
    {
      stream: EVENTS_STREAM,
      durable: consumers.timeline,
      parse: (body) => parseMessage(busEvent, body),
      handle: async (events) => {
        await insertEvents(database.manager, events);
        figures.add({ rows: events.length });
      },
      isPassing: isDatabaseUnavailable,
    },
    { bus, logger, signal, figures },
  );
}
