import { consumers, METRICS_STREAM } from '@flotilla/contracts';
import { createMetricsWriter, isDatabaseUnavailable } from '@flotilla/core-db';
import { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { startConsumer, type RunningConsumer } from '../consumer/start-consumer.ts';
import type { IngestionDeps } from './start-ingestion.ts';
import { createSampleParser, type ReceivedSample } from './parse-sample.ts';

/** While one commits, the other is read and encoded: more of them only hold more memory. */
const PARALLEL_BATCHES = 2;
const MAX_IN_FLIGHT = 2000;
/** Ten thousand rows of hosts with twenty containers: larger batches are not faster, and take longer to repeat. */
const MAX_BATCH_SIZE = 500;
/** What a process that died had in hand comes back after this; one that works says so in time. */
const ACK_WAIT_MS = 10_000;
/** What a sample waits for others: long enough for dozens of a fleet, and nobody looks as closely at a chart. */
const MAX_BATCH_AGE_MS = 100;

/** Samples from the bus into the tables, each exactly once, until the signal aborts. */
export function ingestMetrics({ database, bus, logger }: IngestionDeps, signal: AbortSignal): RunningConsumer {
  const writer = createMetricsWriter(database);
  const figures = new ConsumerFigures({ stream: METRICS_STREAM.name, consumer: consumers.metrics });
  return startConsumer<ReceivedSample>(
    {
      stream: METRICS_STREAM,
      durable: consumers.metrics,
      parse: createSampleParser(),
      handle: async (samples) => {
        const { rows, duplicates, refusedValues, unknownAgents, tooOld, tooNew } = await writer.write(samples);
        const refusedSamples = unknownAgents + tooOld + tooNew;
        // Acknowledged, because no repeat would make them storable; so they must not vanish in silence.
        if (refusedSamples > 0) logger.warn({ unknownAgents, tooOld, tooNew }, 'samples were refused');
        const refused = samples.reduce((sum, sample) => sum + sample.refusedValues, refusedValues + refusedSamples);
        figures.add({ rows, duplicates, refusedValues: refused });
        figures.setLag(Date.now() - Math.max(...samples.map(({ sample }) => sample.sampledAt)));
      },
      isPassing: isDatabaseUnavailable,
      parallelBatches: PARALLEL_BATCHES,
      maxInFlight: MAX_IN_FLIGHT,
      ackWaitMs: ACK_WAIT_MS,
      maxBatchSize: MAX_BATCH_SIZE,
      maxBatchAgeMs: MAX_BATCH_AGE_MS,
    },
    { bus, logger, signal, figures },
  );
}
