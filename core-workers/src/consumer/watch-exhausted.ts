import type { BusConnection, Logger } from '@flotilla/runtime';
import { z } from 'zod';
import type { ConsumerBounds } from './consumer-definition.ts';
import { parseMessage } from './parse-message.ts';
import { buryMessage } from './bury-message.ts';

/** nats-server's advisory `io.nats.jetstream.advisory.v1.max_deliver`. */
const maxDeliverAdvisory = z.object({
  stream: z.string(),
  consumer: z.string(),
  stream_seq: z.number(),
  deliveries: z.number(),
});

/**
 * Makes dead letters of messages whose deliveries were all used up without an answer: those that killed the process each
 * time. The server leaves them in the stream and only tells of them. Processes share the advisories by a queue group.
 */
export function watchExhausted(
  { stream, durable }: Pick<ConsumerBounds, 'stream' | 'durable'>,
  deps: { readonly bus: BusConnection; readonly logger: Logger; readonly signal: AbortSignal },
): { readonly finished: Promise<void> } {
  const { bus, logger, signal } = deps;
  const subject = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream.name}.${durable}`;
  const subscription = bus.nats.subscribe(subject, { queue: `exhausted-${durable}` });
  signal.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
  if (signal.aborted) subscription.unsubscribe();
  return {
    finished: (async () => {
      for await (const message of subscription) {
        const advisory = parseMessage(maxDeliverAdvisory, message.data);
        if (!advisory.ok) {
          logger.error({ reason: advisory.reason }, 'cannot read an advisory of the bus');
          continue;
        }
        const { stream_seq: sequence, deliveries } = advisory.value;
        try {
          const reason = `was delivered ${deliveries} times and never answered`;
          await buryMessage(bus, { stream: stream.name, consumer: durable, sequence, deliveries, reason });
          logger.error({ sequence, deliveries }, 'a message used all its deliveries up and is a dead letter');
        } catch (err) {
          logger.error({ err, sequence, deliveries }, 'a message used all its deliveries up and stays in the stream');
        }
      }
    })(),
  };
}
