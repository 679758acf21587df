import { METRICS_STREAM } from '@flotilla/contracts';
import type { BusConnection } from '@flotilla/runtime';

export interface StreamedMessage {
  readonly subject: string;
  readonly messageId: string;
  readonly payload: Uint8Array;
}

/** All messages of METRICS, in the stream's order, repeats included. */
export async function readStream(core: BusConnection): Promise<StreamedMessage[]> {
  const manager = await core.jetstreamManager();
  const { state } = await manager.streams.info(METRICS_STREAM.name);
  if (state.messages === 0) return [];
  const consumer = await core.jetstream.consumers.get(METRICS_STREAM.name);
  const messages: StreamedMessage[] = [];
  for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 10_000 })) {
    const { subject, data, headers } = message;
    messages.push({ subject, messageId: headers?.get('Nats-Msg-Id') ?? '', payload: data });
  }
  await consumer.delete();
  return messages;
}

export async function countStream(core: BusConnection): Promise<number> {
  const manager = await core.jetstreamManager();
  return (await manager.streams.info(METRICS_STREAM.name)).state.messages;
}
