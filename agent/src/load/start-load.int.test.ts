import { randomUUID } from 'node:crypto';
import { loadMessage, LOAD_STREAM, partitionOf, subjects, type LoadMessage } from '@flotilla/contracts';
import { connectBus, createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBusKeyPair } from '../shared/bus-credentials.ts';
import { AgentBus } from '../testing/agent-bus.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { ScaledService } from './scaled-service.ts';
import { startLoad, type Load, type LoadDeps } from './start-load.ts';
import { buildReplica, buildService, buildTraffic } from './testing/build-service.ts';

const agentId = randomUUID();
const INTERVAL_MS = 100;

let bus: AgentBus;
let core: BusConnection;
let log: ReturnType<typeof createMemoryLog>;
let ending: AbortController;
let load: Load;
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  bus = await AgentBus.start();
  core = await bus.connectAsCore();
  await ensureStreams(core, [LOAD_STREAM]);
  log = createMemoryLog();
  ending = new AbortController();
  closing = [];
});

afterEach(async () => {
  ending.abort();
  await load.finished;
  for (const close of closing.toReversed()) await close();
  await bus.stop();
});

function start(readServices: LoadDeps['readServices'], deps: Partial<LoadDeps> = {}): void {
  load = startLoad({
    agentId,
    readServices,
    sampleContainers: async () => [],
    readCustom: () => [],
    takeTraffic: (serviceIds) => new Map(serviceIds.map((serviceId) => [serviceId, buildTraffic()])),
    clock: { now: Date.now, offsetMs: () => 0, measure: () => undefined },
    logger: log.logger,
    signal: ending.signal,
    intervalMs: INTERVAL_MS,
    ...deps,
  });
}

/** The agent's own connection, with an agent's rights. */
async function connectAgent(): Promise<void> {
  const { publicKey, seed } = createBusKeyPair();
  const { jwt, inboxPrefix } = await bus.admit(agentId, publicKey);
  let connection: BusConnection | null = null;
  connection = await connectBus({
    servers: [bus.server.url],
    credentials: { jwt, seed },
    name: 'agent',
    inboxPrefix,
    logger: createLogger({ name: 'test', level: 'fatal' }),
    maxReconnectDelayMs: 100,
    onStateChange: (isConnected) => load.setBus(isConnected ? connection : null),
  });
  closing.push(() => connection.close());
  load.setBus(connection);
}

async function readMessages(): Promise<{ subject: string; message: LoadMessage }[]> {
  const manager = await core.jetstreamManager();
  const { state } = await manager.streams.info(LOAD_STREAM.name);
  if (state.messages === 0) return [];
  const consumer = await core.jetstream.consumers.get(LOAD_STREAM.name);
  const messages = [];
  for await (const { subject, data } of await consumer.fetch({ max_messages: state.messages, expires: 10_000 })) {
    messages.push({ subject, message: loadMessage.parse(JSON.parse(new TextDecoder().decode(data))) });
  }
  await consumer.delete();
  return messages;
}

describe('load', () => {
  it('comes to the stream each interval, services in messages of their partitions', async () => {
    const services = Array.from({ length: 40 }, () => buildService());
    start(() => services);
    await connectAgent();
    await waitUntil('three samples', () => load.figures().acknowledged >= 3 * new Set(services.map(partition)).size);
    const messages = await readMessages();
    expect(messages.map(({ subject }) => subject)).toEqual(
      messages.map(({ message }) => subjects.load(partition(message.services[0] ?? buildService()), agentId)),
    );
    for (const service of services) {
      const told = messages.filter(({ message }) =>
        message.services.some((one) => one.serviceId === service.serviceId),
      );
      expect(told.length).toBeGreaterThanOrEqual(3);
    }
    const times = messages.map(({ message }) => message.sampledAt);
    expect(times, 'grow').toEqual([...new Set(times)].toSorted((a, b) => a - b));
    expect(messages.every(({ message }) => message.intervalMs >= INTERVAL_MS - 5)).toBe(true);
    expect(load.figures().dropped).toBe(0);
  });

  it('is dropped and counted while the bus is away, and is not brought later', async () => {
    start(() => [buildService()]);
    await waitUntil('dropped samples', () => load.figures().dropped >= 5);
    const beforeMs = Date.now();
    await connectAgent();
    await waitUntil('samples', () => load.figures().acknowledged >= 2);
    await bus.server.stop();
    await waitUntil('samples that go nowhere', () => load.figures().dropped >= 15);
    await bus.restart();
    const again = load.figures().acknowledged;
    await waitUntil('samples again', () => load.figures().acknowledged >= again + 2);
    await waitUntil('the Core’s own connection', core.isConnected);
    const messages = await readMessages();
    expect(messages.filter(({ message }) => message.sampledAt < beforeMs)).toEqual([]);
    // The control: without a drop there would be one for each interval.
    const [first = 0, last = 0] = [messages.at(0)?.message.sampledAt, messages.at(-1)?.message.sampledAt];
    expect(messages.length).toBeLessThan((last - first) / INTERVAL_MS);
  });

  it('is counted as dropped, and said once, when no stream takes it', async () => {
    const manager = await core.jetstreamManager();
    await manager.streams.delete(LOAD_STREAM.name);
    start(() => [buildService()]);
    await connectAgent();
    await waitUntil('refusals', () => load.figures().dropped >= 5);
    expect(load.figures()).toMatchObject({ acknowledged: 0 });
    expect(log.text().match(/load samples do not arrive/g)).toHaveLength(1);
  });

  it('has nulls, not zeros, for what nobody knows', async () => {
    const service = buildService({ replicas: [buildReplica({ isReady: false })] });
    start(() => [service], { takeTraffic: () => null, sampleContainers: async () => null });
    await connectAgent();
    await waitUntil('a sample', () => load.figures().acknowledged >= 1);
    const [told] = (await readMessages())[0]?.message.services ?? [];
    expect(told).toMatchObject({
      serviceId: service.serviceId,
      requestsPerSecond: null,
      latencyP95Ms: null,
      serverErrorRatio: null,
      inFlight: null,
      replicas: [{ isReady: false, cpuRatio: null, memoryRatio: null, custom: {} }],
    });
  });

  it('says nothing while the services are not known, and nothing of a node without any', async () => {
    const service = buildService();
    let services: readonly ScaledService[] | null = null;
    let asked = 0;
    start(() => {
      asked += 1;
      return services;
    });
    await connectAgent();
    await waitUntil('some intervals', () => asked > 3);
    services = [];
    await waitUntil('some intervals more', () => asked > 6);
    expect(load.figures()).toEqual({ sent: 0, acknowledged: 0, dropped: 0 });
    services = [service];
    await waitUntil('a sample', () => load.figures().acknowledged >= 1);
  });

  it('goes on after a sample that failed', async () => {
    let failures = 0;
    start(() => {
      failures += 1;
      if (failures < 3) throw new Error('not now');
      return [buildService()];
    });
    await connectAgent();
    await waitUntil('a sample', () => load.figures().acknowledged >= 1);
    expect(log.text().match(/could not be sampled/g)).toHaveLength(1);
  });
});

function partition({ serviceId }: { readonly serviceId: string }): number {
  return partitionOf(serviceId);
}
