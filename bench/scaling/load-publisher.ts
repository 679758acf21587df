import { LOAD_INTERVAL_MS, subjects, type LoadMessage } from '@flotilla/contracts';
import type { JetStreamClient } from '@nats-io/jetstream';
import { CPU_TARGET, FIRST_REPLICAS, type ScaledService } from './scaled-services.ts';

const WINDOW = 256;
/** A replica that breaches bears twice its target: twice as many are asked for. */
const BREACH_RATIO = 2;
/** Where all others lie, well within the tolerance of 0.1. */
const CALM_SWING = 0.05;
/** Long enough ago that its figures are not those of its start. */
const STARTED_BEFORE_MS = 3_600_000;

export interface PreparedLoad {
  readonly subject: string;
  readonly body: string;
}

/** What all agents tell at one time: a message for each partition that an agent has services of. */
export function prepareLoad(
  services: readonly ScaledService[],
  sampledAt: number,
  isBreached: (serviceId: string) => boolean,
): PreparedLoad[] {
  const messages = Map.groupBy(services, ({ partition, agentId }) => subjects.load(partition, agentId));
  return [...messages].map(([subject, told]) => {
    const message: LoadMessage = {
      sampledAt,
      intervalMs: LOAD_INTERVAL_MS,
      services: told.map(({ id }) => buildLoad(id, sampledAt, isBreached(id))),
    };
    return { subject, body: JSON.stringify(message) };
  });
}

function buildLoad(serviceId: string, sampledAt: number, isBreached: boolean): LoadMessage['services'][number] {
  const swing = (Math.random() * 2 - 1) * CALM_SWING;
  const cpuRatio = CPU_TARGET * (isBreached ? BREACH_RATIO : 1 + swing);
  return {
    serviceId,
    scaleRevision: 0,
    wanted: FIRST_REPLICAS,
    replicas: Array.from({ length: FIRST_REPLICAS }, (_, index) => ({
      id: `${serviceId.replaceAll('-', '')}${String(index).padStart(32, '0')}`,
      isReady: true,
      startedAt: sampledAt - STARTED_BEFORE_MS,
      cpuRatio,
      memoryRatio: 0.4,
      custom: {},
    })),
    requestsPerSecond: 12.5,
    latencyP95Ms: 80,
    serverErrorRatio: 0,
    inFlight: 1,
  };
}

/** Publishes as fast as the stream takes it; resolves when it has all. */
export async function publishLoad(jetstream: JetStreamClient, messages: readonly PreparedLoad[]): Promise<void> {
  let next = 0;
  const publishSome = async (): Promise<void> => {
    for (let message = messages[next++]; message !== undefined; message = messages[next++]) {
      await jetstream.publish(message.subject, message.body);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, publishSome));
}
