import { allStreams, subjects, trafficMessage, TRAFFIC_STREAM, type TrafficMessage } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectTestBus, quietLogger, readDeadLetters } from '../testing/test-bus.ts';
import { ingestTraffic } from './ingest-traffic.ts';

const BOUND = { timeout: 20_000, interval: 20 };

describe('ingestTraffic', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
  });
  afterAll(async () => {
    await bus.close();
    await nats.destroy();
    await test.close();
  });
  beforeEach(async () => {
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    stops = [];
    const manager = await bus.jetstreamManager();
    for (const { name } of allStreams) await manager.streams.delete(name);
  });

  function start(): void {
    const abort = new AbortController();
    const running = ingestTraffic({ database: test.database, bus, logger: quietLogger() }, abort.signal);
    stops.push(async () => {
      abort.abort();
      await running.finished;
    });
  }

  const messageOf = (requests: number, sampledAt = Date.now()): TrafficMessage => {
    const counts = { requests, bytesSent: 0, statuses: [[200, requests]] as [number, number][] };
    const from = Math.floor(Date.now() / 5000) * 5000;
    const [methods, protocols] = [[requests, 0, 0, 0, 0, 0, 0, 0], [0, requests, 0, 0, 0]]; // prettier-ignore
    const service = { serviceId: null, from, ...counts, methods, protocols, latency: [], upstreamLatency: [] };
    return trafficMessage.parse({ sampledAt, services: [service], tops: [] });
  };
  const publish = (body: unknown, by = agentId) =>
    bus.jetstream.publish(subjects.traffic(by), typeof body === 'string' ? body : JSON.stringify(body));
  const readRequests = async (): Promise<number[]> => {
    const rows = await queryRows<{ requests: number }>(
      test.session,
      'select requests::int from traffic where agent_id = $1 order by 1',
      [agentId],
    );
    return rows.map(({ requests }) => requests);
  };

  it('stores each message once, though it comes again, and in two processes', async () => {
    start();
    start();
    const message = messageOf(1);
    for (let time = 0; time < 3; time += 1) await publish(message);
    for (let requests = 2; requests <= 40; requests += 1) await publish(messageOf(requests, Date.now() + requests));
    await expect.poll(readRequests, BOUND).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    const manager = await bus.jetstreamManager();
    await expect
      .poll(async () => (await manager.consumers.info(TRAFFIC_STREAM.name, 'ingestion-traffic')).num_ack_pending, BOUND)
      .toBe(0);
    expect(await readRequests()).toHaveLength(40);
  });

  it.each<[string, (message: TrafficMessage) => unknown, string]>([
    ['no JSON', () => '{', 'JSON'],
    [
      'an interval that begins in between',
      (message) => ({ ...message, services: [{ ...message.services[0], from: 1_780_000_000_001 }] }),
      'services.0.from',
    ],
    [
      'more statuses than requests',
      (message) => ({ ...message, services: [{ ...message.services[0], requests: 0 }] }),
      'services.0',
    ],
    [
      'a negative count',
      (message) => ({ ...message, services: [{ ...message.services[0], bytesSent: -1 }] }),
      'services.0.bytesSent',
    ],
    [
      'a bucket that there is not',
      (message) => ({ ...message, services: [{ ...message.services[0], latency: [[5000, 1]] }] }),
      'services.0.latency',
    ],
  ])('makes a dead letter of a message with %s, and goes on', async (_, change, reason) => {
    start();
    await publish(change(messageOf(1)));
    await publish(messageOf(7));
    await expect.poll(readRequests, BOUND).toEqual([7]);
    await expect.poll(async () => (await readDeadLetters(bus)).length, BOUND).toBe(1);
    expect(JSON.stringify(await readDeadLetters(bus))).toContain(reason);
  });

  it('acknowledges what is of a node that was removed', async () => {
    start();
    await publish(messageOf(1), '0190a0b0-1111-7222-8333-444455556666');
    await publish(messageOf(2));
    await expect.poll(readRequests, BOUND).toEqual([2]);
    expect(await readDeadLetters(bus)).toEqual([]);
  });
});
