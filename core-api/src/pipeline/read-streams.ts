import type { StreamState } from '@flotilla/contracts';
import { withinBound, type BusConnection } from '@flotilla/runtime';
import type { ConsumerInfo, JetStreamManager, StreamInfo } from '@nats-io/jetstream';

/** The page is about a bus that may not do well: it must not wait for it. */
const BOUND_MS = 2000;

/** All streams with their consumers, as the bus's server sees them. @throws when it does not answer within 2 s */
export async function readStreams(bus: BusConnection): Promise<StreamState[]> {
  return withinBound('the answer of the bus', BOUND_MS, listStreams(await bus.jetstreamManager()));
}

async function listStreams(manager: JetStreamManager): Promise<StreamState[]> {
  const states: StreamState[] = [];
  for await (const stream of manager.streams.list()) {
    const consumers: ConsumerInfo[] = [];
    for await (const consumer of manager.consumers.list(stream.config.name)) consumers.push(consumer);
    states.push(formatStream(stream, consumers));
  }
  return states.toSorted((a, b) => a.name.localeCompare(b.name));
}

function formatStream({ config, state }: StreamInfo, consumers: readonly ConsumerInfo[]): StreamState {
  return {
    name: config.name,
    messages: state.messages,
    bytes: state.bytes,
    maxBytes: Math.max(0, config.max_bytes),
    oldestAt: state.messages === 0 ? null : new Date(state.first_ts).toISOString(),
    newestAt: state.messages === 0 ? null : new Date(state.last_ts).toISOString(),
    consumers: consumers
      .map((consumer) => ({
        name: consumer.name,
        waiting: consumer.num_pending,
        inFlight: consumer.num_ack_pending,
        redelivered: consumer.num_redelivered,
        lostUnread: countLost(state.first_seq, consumer.ack_floor.stream_seq),
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

/** Messages that are gone from the stream and were not acknowledged; null when that cannot be told. */
function countLost(firstSequence: number, ackFloor: number): number | null {
  if (firstSequence <= 1) return 0;
  return ackFloor === 0 ? null : Math.max(0, firstSequence - 1 - ackFloor);
}
