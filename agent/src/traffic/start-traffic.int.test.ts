import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subjects, trafficMessage, TRAFFIC_STREAM, type ServiceTraffic } from '@flotilla/contracts';
import { connectBus, createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { buildLine, SERVICE_ID } from '@flotilla/traffic/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBusKeyPair } from '../shared/bus-credentials.ts';
import { LogFeed } from '../shared/log-feed.ts';
import { AgentBus } from '../testing/agent-bus.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { startTraffic, type Traffic } from './start-traffic.ts';

const agentId = randomUUID();
const OFFSET_MS = 60_000;

let directory: string;
let bus: AgentBus;
let core: BusConnection;
let traffic: Traffic;
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-traffic-'));
  bus = await AgentBus.start();
  core = await bus.connectAsCore();
  await ensureStreams(core, [TRAFFIC_STREAM]);
  closing = [];
  traffic = start();
});

afterEach(async () => {
  await traffic.close();
  for (const close of closing.toReversed()) await close();
  await bus.stop();
  await rm(directory, { recursive: true });
});

function start(): Traffic {
  return startTraffic({
    agentId,
    directory: join(directory, 'spool'),
    spoolMaxBytes: 8 * 2 ** 20,
    findCountry: () => null,
    isReadable: () => true,
    clock: { now: () => Date.now() + OFFSET_MS, offsetMs: () => OFFSET_MS, measure: () => undefined },
    logger: createMemoryLog().logger,
    signal: new AbortController().signal,
  });
}

/** Requests of this moment. */
function send(requests: number): void {
  const line = buildLine({ time: (Date.now() / 1000).toFixed(3) });
  new LogFeed([traffic.read], () => OFFSET_MS).add(Buffer.from(`${line}\n`.repeat(requests)));
}

/** The agent's own connection, with an agent's rights. */
async function connectAgent(): Promise<void> {
  const { publicKey, seed } = createBusKeyPair();
  const { jwt, inboxPrefix } = await bus.admit(agentId, publicKey);
  const connection = await connectBus({
    servers: [bus.server.url],
    credentials: { jwt, seed },
    name: 'agent',
    inboxPrefix,
    logger: createLogger({ name: 'test', level: 'fatal' }),
  });
  closing.push(() => connection.close());
  traffic.setBus(connection);
}

async function readServices(): Promise<ServiceTraffic[]> {
  const manager = await core.jetstreamManager();
  const { state } = await manager.streams.info(TRAFFIC_STREAM.name);
  if (state.messages === 0) return [];
  const consumer = await core.jetstream.consumers.get(TRAFFIC_STREAM.name);
  const services: ServiceTraffic[] = [];
  for await (const { subject, data } of await consumer.fetch({ max_messages: state.messages, expires: 10_000 })) {
    expect(subject).toBe(subjects.traffic(agentId));
    services.push(...trafficMessage.parse(JSON.parse(new TextDecoder().decode(data))).services);
  }
  await consumer.delete();
  return services;
}

const countRequests = async (): Promise<number> =>
  (await readServices()).reduce((sum, { requests }) => sum + requests, 0);

describe('traffic of a node', () => {
  it('is in the stream seconds after it came, by the Core’s clock', async () => {
    await connectAgent();
    const before = Date.now() + OFFSET_MS;
    send(7);
    await waitUntil('7 requests', async () => (await countRequests()) === 7, 20_000);
    const service = (await readServices()).find(({ serviceId }) => serviceId !== null);
    expect(service).toMatchObject({ serviceId: SERVICE_ID, requests: 7 });
    expect(service?.from).toBeGreaterThan(before - 5000);
    expect(service?.from).toBeLessThanOrEqual(Date.now() + OFFSET_MS);
  });

  it('of the last seconds outlives the agent, and arrives once', async () => {
    send(5);
    await traffic.close();
    traffic = start();
    send(6);
    await connectAgent();
    await waitUntil('11 requests', async () => (await countRequests()) === 11, 20_000);
    await traffic.close();
    traffic = start();
    await connectAgent();
    send(1);
    await waitUntil('12 requests', async () => (await countRequests()) >= 12, 20_000);
    expect(await countRequests()).toBe(12);
  });
});
