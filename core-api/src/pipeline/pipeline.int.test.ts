import { allStreams, METRICS_STREAM, pipeline, subjects, type WorkerReport } from '@flotilla/contracts';
import { connectBus, createLogger, ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { readDeadLetters } from './read-dead-letters.ts';
import { readStreams } from './read-streams.ts';
import { WorkerReports } from './worker-reports.ts';

const BOUND = { timeout: 10_000, interval: 10 };
const WORKER = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('the pipeline', () => {
  let api: TestApi;
  let token: string;
  beforeAll(async () => {
    api = await startTestApi();
    await api.addUser('operator@example.com', 'operator');
    ({ token } = await api.signIn('operator@example.com'));
  });
  afterAll(() => api.close());

  it('without a bus is unknown there, not zero, and known elsewhere', async () => {
    const { status, body } = await api.call('GET', '/api/pipeline', { token });
    expect(status).toBe(200);
    const found = pipeline.parse(body);
    expect(found).toMatchObject({ streams: null, busProblem: 'core-api is not connected to the bus', workers: [] });
    expect(found.storage.kind).toBe('native');
    expect(found.storage.tables.map(({ name }) => name)).toContain('container_metrics_15m');
  });

  it('without a bus has dead letters for nobody, and says so', async () => {
    const { status, body } = await api.call('GET', '/api/dead-letters', { token });
    expect(status).toBe(503);
    expect(body).toMatchObject({ detail: expect.stringContaining('bus') as string });
  });
});

describe('with a bus', () => {
  let server: NatsServer;
  let bus: BusConnection;
  beforeAll(async () => {
    server = await NatsServer.create();
    await server.start();
    const logger = createLogger({ name: 'test', level: 'fatal' });
    bus = await connectBus({ servers: [server.url], name: 'core', logger });
    await ensureStreams(bus, allStreams);
  });
  afterAll(async () => {
    await bus.close();
    await server.destroy();
  });

  it('streams tell what they hold, what waits and what is in flight', async () => {
    const manager = await bus.jetstreamManager();
    await manager.consumers.add(METRICS_STREAM.name, { durable_name: 'reader', ack_policy: 'explicit' });
    for (let index = 0; index < 5; index += 1) await bus.jetstream.publish(subjects.metrics('a1'), '{}');
    const consumer = await bus.jetstream.consumers.get(METRICS_STREAM.name, 'reader');
    const first = await consumer.next();
    await first?.ackAck();
    await consumer.next();
    const metrics = (await readStreams(bus)).find(({ name }) => name === METRICS_STREAM.name);
    expect(metrics).toMatchObject({
      messages: 5,
      maxBytes: METRICS_STREAM.maxBytes,
      oldestAt: expect.any(String) as string,
      consumers: [{ name: 'reader', waiting: 3, inFlight: 1, redelivered: 0, lostUnread: 0 }],
    });
  });

  it('streams tell how many messages they have dropped unread', async () => {
    const manager = await bus.jetstreamManager();
    const name = 'SMALL';
    await manager.streams.add({ name, subjects: ['small.*'], max_msgs: 3 });
    const readLost = async () =>
      Object.fromEntries(
        (await readStreams(bus)).flatMap((stream) =>
          stream.name === name ? stream.consumers.map((consumer) => [consumer.name, consumer.lostUnread]) : [],
        ),
      );
    for (const reader of ['idle', 'diligent'])
      await manager.consumers.add(name, { durable_name: reader, ack_policy: 'explicit' });
    const diligent = await bus.jetstream.consumers.get(name, 'diligent');
    const idle = await bus.jetstream.consumers.get(name, 'idle');
    for (let index = 0; index < 8; index += 1) {
      await bus.jetstream.publish('small.a', '{}');
      await (await diligent.next())?.ackAck();
      if (index === 0) await (await idle.next())?.ackAck();
    }
    expect(await readLost()).toEqual({ idle: 4, diligent: 0 });
    // Of one that begins now it cannot be told: what is gone was gone before it.
    await manager.consumers.add(name, { durable_name: 'late', ack_policy: 'explicit' });
    expect(await readLost()).toMatchObject({ late: null });
    await manager.streams.delete(name);
  });

  it('dead letters come newest first, as many as asked for', async () => {
    for (const sequence of [1, 2, 3]) {
      const letter = {
        stream: 'METRICS',
        consumer: 'c',
        sequence,
        subject: 's',
        deliveries: 1,
        reason: 'is not JSON',
        at: new Date().toISOString(),
        body: '',
      };
      await bus.jetstream.publish(subjects.deadLetter('METRICS', 'c'), JSON.stringify(letter));
    }
    await bus.jetstream.publish(subjects.deadLetter('METRICS', 'c'), '{"of":"another version"}');
    const { items, total } = await readDeadLetters(bus, 2);
    expect([items.map(({ sequence }) => sequence), total]).toEqual([[3, 2], 4]);
  });

  it('workers are listed while they report, and what is no report is left out', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const workers = new WorkerReports({ now: () => new Date(nowMs) });
    workers.listen(bus);
    workers.listen(bus);
    const report: WorkerReport = {
      workerId: WORKER,
      host: 'h',
      pid: 1,
      startedAt: '2026-01-01T00:00:00Z',
      at: '2026-01-01T00:00:00Z',
      roles: ['ingestion'],
      memoryBytes: 1,
      cpuPercent: 0,
      consumers: [],
    };
    bus.nats.publish(subjects.workerReport('x'), 'no JSON');
    bus.nats.publish(subjects.workerReport('x'), JSON.stringify({ ...report, pid: 'one' }));
    bus.nats.publish(subjects.workerReport(WORKER), JSON.stringify(report));
    await expect.poll(() => workers.list(), BOUND).toEqual([report]);
    nowMs += 20_001;
    expect(workers.list()).toEqual([]);
  });
});
