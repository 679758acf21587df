import { AckPolicy, DeliverPolicy, JetStreamApiError, type ConsumerUpdateConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { BusConnection } from '@flotilla/runtime';
import type { ConsumerBounds } from './consumer-definition.ts';

/** JetStream's code for "consumer not found" (nats-server, `errors.json`). */
const CONSUMER_NOT_FOUND = 10_014;
/** In flight in all processes together, as a multiple of one process's bound. */
const PROCESSES = 8;

/** Makes the durable consumer, or brings it to its definition. Any number of processes may do so at once. */
export async function ensureConsumer(bus: BusConnection, bounds: ConsumerBounds): Promise<void> {
  const { stream, durable, maxDeliveries, ackWaitMs, maxInFlight } = bounds;
  const manager = await bus.jetstreamManager();
  const changeable: ConsumerUpdateConfig = {
    ack_wait: nanos(ackWaitMs),
    max_deliver: maxDeliveries,
    max_ack_pending: maxInFlight * PROCESSES,
  };
  try {
    await manager.consumers.info(stream.name, durable);
    await manager.consumers.update(stream.name, durable, changeable);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_NOT_FOUND) throw error;
    await manager.consumers.add(stream.name, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...changeable,
    });
  }
}
