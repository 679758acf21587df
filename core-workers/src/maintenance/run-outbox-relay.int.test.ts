import { allStreams } from '@flotilla/contracts';
import { lockUnpublished, newId, recordEvents, type DatabaseSession } from '@flotilla/core-db';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectTestBus, quietLogger, readDeadLetters, readEventIds } from '../testing/test-bus.ts';
import { relayBatch, runOutboxRelay } from './run-outbox-relay.ts';

const BOUND = { timeout: 15_000, interval: 20 };

describe('outbox relay', () => {
  let test: TestDatabase;
  let server: NatsServer;
  let bus: BusConnection;

  beforeAll(async () => {
    test = await createTestDatabase({ poolSize: 10 });
    server = await NatsServer.create();
    await server.start();
    bus = await connectTestBus(server.url);
  });
  afterAll(async () => {
    await bus.close();
    await server.destroy();
    await test.close();
  });
  beforeEach(() => ensureStreams(bus, allStreams));
  afterEach(async () => {
    const manager = await bus.jetstreamManager();
    for (const { name } of allStreams) await manager.streams.delete(name);
    await test.session.query('truncate outbox');
  });

  const deps = () => ({ database: test.database, bus, logger: quietLogger() });

  async function record(count: number, db: DatabaseSession = test.session): Promise<string[]> {
    const event = { kind: 'agent.online', at: new Date(), serviceId: null, data: {} } as const;
    await recordEvents(
      db,
      Array.from({ length: count }, () => ({ ...event, agentId: newId() })),
    );
    const rows: { id: string }[] = await db.query('select id from outbox where published_at is null');
    return rows.map(({ id }) => id);
  }
  const countWaiting = async (): Promise<number> => {
    const rows: unknown[] = await test.session.query('select 1 from outbox where published_at is null');
    return rows.length;
  };

  it('publishes each event once when four workers relay at once', async () => {
    const ids = await record(350);
    const relayAll = async (): Promise<void> => {
      while ((await relayBatch(deps())) > 0);
    };
    await Promise.all(Array.from({ length: 4 }, relayAll));
    expect((await readEventIds(bus)).toSorted()).toEqual(ids.toSorted());
    expect(await countWaiting()).toBe(0);
  });

  it('would publish twice without locks and message ids (negative control)', async () => {
    const ids = await record(1);
    const lookups = Array.from({ length: 2 }, () => Promise.withResolvers<void>());
    const relayUnlocked = async (index: number): Promise<void> => {
      const rows: { subject: string; payload: unknown }[] = await test.session.query(
        'select subject, payload from outbox where published_at is null',
      );
      lookups[index]?.resolve();
      await Promise.all(lookups.map(({ promise }) => promise));
      for (const { subject, payload } of rows) await bus.jetstream.publish(subject, JSON.stringify(payload));
    };
    await Promise.all([relayUnlocked(0), relayUnlocked(1)]);
    expect(await readEventIds(bus)).toEqual([...ids, ...ids]);
  });

  it('takes what another worker does not hold', async () => {
    const [first = ''] = await record(1);
    await test.inTransaction(async (tx) => {
      expect((await lockUnpublished(tx, 10)).map(({ id }) => id)).toEqual([first]);
      const [, second] = (await record(1)).toSorted();
      expect(await relayBatch(deps())).toBe(1);
      expect(await readEventIds(bus)).toEqual([second]);
    });
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const rolledBack = test.inTransaction(async (tx) => {
      await record(3, tx);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await relayBatch(deps())).toBe(0);
    expect(await readEventIds(bus)).toEqual([]);
  });

  it('makes dead letters of what no reader accepts, and publishes the rest', async () => {
    const wrong = newId();
    await test.session.query(`insert into outbox (id, subject, payload) values ($1, 'events.x.y', '{"kind":"?"}')`, [
      wrong,
    ]);
    const ids = (await record(2)).filter((id) => id !== wrong);
    await relayBatch(deps());
    expect(await readDeadLetters(bus)).toMatchObject([
      { stream: 'OUTBOX', consumer: 'relay', sequence: null, subject: 'events.x.y' },
    ]);
    expect((await readEventIds(bus)).toSorted()).toEqual(ids.toSorted());
    expect(await countWaiting()).toBe(0);
  });

  it('keeps events while the bus is away, and sends them promptly', async () => {
    const abort = new AbortController();
    const { finished } = runOutboxRelay(deps(), abort.signal);
    await server.stop();
    const ids = await record(30);
    await expect.poll(() => bus.isConnected(), BOUND).toBe(false);
    expect(await countWaiting()).toBe(30);
    await server.start(null);
    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    await expect.poll(countWaiting, BOUND).toBe(0);
    expect((await readEventIds(bus)).toSorted()).toEqual(ids.toSorted());

    const startedAt = Date.now();
    await record(1);
    await expect.poll(countWaiting, BOUND).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(1500);
    abort.abort();
    await finished;
  });
});
