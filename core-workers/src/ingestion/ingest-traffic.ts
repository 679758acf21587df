import { consumers, parseTelemetrySubject, trafficMessage, TRAFFIC_STREAM } from '@flotilla/contracts';
import { isDatabaseUnavailable, writeTraffic, type AgentTraffic } from '@flotilla/core-db';
import { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { parseMessage, type ParsedMessage } from '../consumer/parse-message.ts';
import { startConsumer, type RunningConsumer } from '../consumer/start-consumer.ts';
import type { IngestionDeps } from './start-ingestion.ts';

/** A message has up to half a mebibyte; a batch is held as rows, as JSON and by the database's client. */
const MAX_BATCH_SIZE = 20;
/** What a process that died had in hand comes back after this. */
const ACK_WAIT_MS = 10_000;
const MAX_BATCH_AGE_MS = 100;

/** Traffic from the bus into the tables, each message exactly once, until the signal aborts. */
export function ingestTraffic({ database, bus, logger }: IngestionDeps, signal: AbortSignal): RunningConsumer {
  const figures = new ConsumerFigures({ stream: TRAFFIC_STREAM.name, consumer: consumers.traffic });
  return startConsumer<AgentTraffic>(
    {
      stream: TRAFFIC_STREAM,
      durable: consumers.traffic,
      parse: parseTraffic,
      handle: async (batch) => {
        const { rows, duplicates, refused } = await writeTraffic(database, batch);
        // Acknowledged, because no repeat would make it storable; so it must not vanish in silence.
        if (refused > 0) logger.warn({ refused }, 'traffic was refused');
        figures.add({ rows, duplicates, refusedValues: refused });
        figures.setLag(Date.now() - Math.max(...batch.map(({ message }) => message.sampledAt)));
      },
      isPassing: isDatabaseUnavailable,
      maxBatchSize: MAX_BATCH_SIZE,
      maxBatchAgeMs: MAX_BATCH_AGE_MS,
      ackWaitMs: ACK_WAIT_MS,
    },
    { bus, logger, signal, figures },
  );
}

function parseTraffic(body: Uint8Array, subject: string): ParsedMessage<AgentTraffic> {
  const agentId = parseTelemetrySubject(subject);
  if (agentId === null) return { ok: false, reason: `the subject ${subject} names no agent` };
  const parsed = parseMessage(trafficMessage, body);
  return parsed.ok ? { ok: true, value: { agentId, message: parsed.value } } : parsed;
}
