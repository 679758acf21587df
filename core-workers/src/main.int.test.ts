import { allStreams, EVENTS_STREAM } from '@flotilla/contracts';
import { newId, queryRows, recordEvents } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, PostgresServer, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent, connectTestBus, publishEvent, readDeadLetters, readEventIds } from './testing/test-bus.ts';
import { WorkerProcess, type WorkerSettings } from './testing/worker-process.ts';

const BOUND = { timeout: 20_000, interval: 30 };

describe('core-workers', () => {
  let postgres: PostgresServer;
  let nats: NatsServer;
  let bus: BusConnection;
  let test: TestDatabase;
  let workers: WorkerProcess[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
  });
  afterAll(async () => {
    await bus.close();
    await nats.destroy();
    await postgres.destroy();
  });
  beforeEach(async () => {
    test = await createTestDatabase({ serverUrl: postgres.url });
    await ensureStreams(bus, allStreams);
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    workers = [];
    await test.close();
    const manager = await bus.jetstreamManager();
    for (const { name } of allStreams) await manager.streams.delete(name);
  });

  const start = async (settings: Partial<WorkerSettings> = {}): Promise<WorkerProcess> => {
    const worker = await WorkerProcess.start({ databaseUrl: test.url, natsUrl: nats.url, ...settings });
    workers.push(worker);
    return worker;
  };
  const readIds = async (sql: string): Promise<string[]> =>
    (await queryRows<{ id: string }>(test.session, sql)).map(({ id }) => id);
  const readTimeline = () => readIds('select id from events order by id');
  const readWaiting = () => readIds('select id from outbox where published_at is null order by id');
  const record = async (count: number): Promise<string[]> => {
    const event = { kind: 'agent.online', at: new Date(), serviceId: null, data: {} } as const;
    await recordEvents(
      test.session,
      Array.from({ length: count }, () => ({ ...event, agentId: newId() })),
    );
    return readIds('select id from outbox order by id');
  };

  /** Lets a worker publish, and holds it up where it marks what it has published. Then kills it. */
  async function killBetweenPublishAndMark(): Promise<string[]> {
    await test.session.query(`
      create function hold_up() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
      create trigger hold_up before update on outbox for each row execute function hold_up()`);
    const worker = await start({ env: { WORKER_ROLES: 'maintenance' } });
    const ids = await record(5);
    await expect.poll(() => readEventIds(bus), BOUND).toHaveLength(5);
    expect(await readWaiting()).toEqual(ids);
    const marking = `from pg_stat_activity where query like 'update outbox%' and state = 'active'`;
    await expect.poll(() => test.session.query(`select pid ${marking}`), BOUND).toHaveLength(1);
    await worker.stop('SIGKILL');
    // PostgreSQL would notice when it next writes to the connection; here that is a minute away.
    await test.session.query(`select pg_terminate_backend(pid, 5000) ${marking}`);
    await test.session.query('drop trigger hold_up on outbox');
    return ids;
  }

  it('loses and doubles nothing when it is killed between publishing and marking', async () => {
    const ids = await killBetweenPublishAndMark();
    await start();
    await expect.poll(readWaiting, BOUND).toEqual([]);
    await expect.poll(readTimeline, BOUND).toEqual(ids);
    expect((await readEventIds(bus)).toSorted()).toEqual(ids);
  });

  it('would double it in the stream once the ids are forgotten, but not in the timeline (negative control)', async () => {
    const ids = await killBetweenPublishAndMark();
    // As if the next worker came after the window for duplicates: the stream has the events, but not their ids.
    await (await bus.jetstreamManager()).streams.delete(EVENTS_STREAM.name);
    await ensureStreams(bus, [EVENTS_STREAM]);
    for (const id of ids) await publishEvent(bus, buildEvent({ id }), { isDeduplicated: false });
    await start();
    await expect.poll(readWaiting, BOUND).toEqual([]);
    await expect.poll(() => readEventIds(bus), BOUND).toHaveLength(10);
    await expect.poll(readTimeline, BOUND).toEqual(ids);
  });

  it('makes one event of a silent agent with three processes at once', async () => {
    const id = await insertTestAgent(test.session, { status: 'online', lastSeenAt: new Date() });
    await Promise.all([start(), start(), start()]);
    await expect.poll(() => readTimeline(), BOUND).toHaveLength(1);
    expect(await queryRows(test.session, 'select kind, agent_id from events')).toEqual([
      { kind: 'agent.offline', agent_id: id },
    ]);
    expect(await readEventIds(bus)).toHaveLength(1);
  });

  it('stores a repeated event once, and a message that it cannot read as a dead letter', async () => {
    const events = Array.from({ length: 3 }, () => buildEvent());
    for (const event of events) await publishEvent(bus, event, { isDeduplicated: false });
    await bus.jetstream.publish('events.agent_online.x', '{');
    for (const event of events) await publishEvent(bus, event, { isDeduplicated: false });
    await start();
    await expect.poll(readTimeline, BOUND).toEqual(events.map(({ id }) => id).toSorted());
    await expect.poll(() => readDeadLetters(bus), BOUND).toHaveLength(1);
    const readWaiting = async () => {
      const consumer = await (await bus.jetstreamManager()).consumers.info('EVENTS', 'ingestion-timeline');
      return consumer.num_pending + consumer.num_ack_pending;
    };
    await expect.poll(readWaiting, BOUND).toBe(0);
    expect(await readEventIds(bus).catch((error: unknown) => error)).toBeInstanceOf(SyntaxError);
  });

  it('goes on when PostgreSQL and then NATS are restarted in the middle', async () => {
    const worker = await start();
    const ids = [...(await record(20))];
    await postgres.stop();
    const duringOutage = Array.from({ length: 20 }, () => buildEvent());
    for (const event of duringOutage) await publishEvent(bus, event);
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(503);
    await postgres.restart();
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(200);

    await nats.stop();
    ids.push(...(await record(20)).filter((id) => !ids.includes(id)));
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(503);
    await nats.start(null);
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(200);

    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    const all = [...ids, ...duringOutage.map(({ id }) => id)].toSorted();
    await expect.poll(readTimeline, BOUND).toEqual(all);
    expect(await readWaiting()).toEqual([]);
    expect((await readEventIds(bus)).toSorted()).toEqual(all);
    expect(await readDeadLetters(bus)).toEqual([]);
  });

  it.each<[string, 'postgres' | 'nats' | null]>([
    ['at work', null],
    ['with PostgreSQL away', 'postgres'],
    ['with NATS away', 'nats'],
  ])('stops in order within its bound %s', async (_name, away) => {
    const worker = await start();
    await record(50);
    await expect.poll(readTimeline, BOUND).toHaveLength(50);
    if (away === 'postgres') await postgres.stop();
    if (away === 'nats') await nats.stop();
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(away === null ? 200 : 503);
    const startedAt = Date.now();
    const end = await worker.stop();
    if (away === 'postgres') await postgres.restart();
    if (away === 'nats') await nats.start(null);
    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    expect(end, worker.log).toEqual({ code: 0, signal: null });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it('starts four at once on an empty database', async () => {
    await test.session.query('drop schema public cascade; create schema public');
    await Promise.all(Array.from({ length: 4 }, () => start()));
    expect(await readTimeline()).toEqual([]);
  });

  it('names all wrong settings at once', async () => {
    const env = { WORKER_ROLES: 'maintenance,cooking', FLOTILLA_HEARTBEAT_INTERVAL_MS: '10' };
    const worker = await WorkerProcess.launch({ databaseUrl: 'mysql://x', natsUrl: nats.url, env });
    expect(await worker.waitForExit()).toEqual({ code: 1, signal: null });
    for (const name of ['FLOTILLA_DATABASE_URL', 'WORKER_ROLES', 'FLOTILLA_HEARTBEAT_INTERVAL_MS']) {
      expect(worker.log).toContain(name);
    }
  });
});
