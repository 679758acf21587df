import { busEvent, eventSubjectToken, subjects, type BusEvent, type DeadLetter } from '@flotilla/contracts';
import { newId } from '@flotilla/core-db';
import { connectBus, createLogger, type BusConnection, type Logger } from '@flotilla/runtime';

/** A logger that keeps quiet; failures show in what a test checks. */
export function quietLogger(): Logger {
  return createLogger({ name: 'test', destination: { write: () => undefined } });
}

export function connectTestBus(url: string): Promise<BusConnection> {
  return connectBus({ servers: [url], name: 'test', logger: quietLogger(), maxReconnectDelayMs: 200 });
}

export function buildEvent(change: Partial<BusEvent> = {}): BusEvent {
  const agentId = change.agentId ?? newId();
  return {
    id: newId(),
    kind: 'agent.online',
    at: new Date().toISOString(),
    agentId,
    serviceId: null,
    data: {},
    ...change,
  };
}

/** Publishes an event as the outbox relay does. */
export async function publishEvent(bus: BusConnection, event: BusEvent, { isDeduplicated = true } = {}): Promise<void> {
  const subject = subjects.event(eventSubjectToken(event.kind), event.agentId ?? 'core');
  await bus.jetstream.publish(subject, JSON.stringify(event), isDeduplicated ? { msgID: event.id } : {});
}

/** Ids of all events in the stream, with repetitions, in its order. */
export async function readEventIds(bus: BusConnection): Promise<string[]> {
  return (await readStream(bus, 'EVENTS')).map((data) => busEvent.parse(data).id);
}

export async function readDeadLetters(bus: BusConnection): Promise<DeadLetter[]> {
  return (await readStream(bus, 'DEAD_LETTERS')) as DeadLetter[];
}

async function readStream(bus: BusConnection, name: string): Promise<unknown[]> {
  const manager = await bus.jetstreamManager();
  const { state } = await manager.streams.info(name);
  const messages: unknown[] = [];
  for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq += 1) {
    messages.push((await manager.streams.getMessage(name, { seq }))?.json());
  }
  return messages;
}
