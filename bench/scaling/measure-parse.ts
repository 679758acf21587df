import { LOAD_STREAM, loadMessage } from '@flotilla/contracts';
import type { JetStreamClient } from '@nats-io/jetstream';
import { performance } from 'node:perf_hooks';

/**
 * The baseline: reads so many newest messages of the stream and checks them by their schema, and does nothing with them.
 * @returns how long it took, in milliseconds
 */
export async function measureParse(
  jetstream: JetStreamClient,
  { firstSequence, messages }: { readonly firstSequence: number; readonly messages: number },
): Promise<number> {
  const before = performance.now();
  const consumer = await jetstream.consumers.get(LOAD_STREAM.name, { opt_start_seq: firstSequence });
  const arriving = await consumer.consume();
  let left = messages;
  for await (const message of arriving) {
    loadMessage.parse(message.json());
    left -= 1;
    if (left === 0) break;
  }
  return performance.now() - before;
}
