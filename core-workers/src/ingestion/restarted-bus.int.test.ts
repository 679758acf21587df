import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { allStreams, consumers, METRICS_STREAM } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSampleMessage, publishSample } from '../testing/build-sample-message.ts';
import { connectTestBus, readDeadLetters } from '../testing/test-bus.ts';
import { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 40_000, interval: 20 };
const SAMPLES = 60;

/** The bus is killed while a worker has samples in hand that are not stored yet. */
describe('a bus that is killed and starts again', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let times: number[];
  let worker: WorkerProcess | null;

  beforeEach(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
    const newest = Date.now();
    times = Array.from({ length: SAMPLES }, (_, index) => newest - (SAMPLES - index) * 1000);
    worker = null;
  });
  afterEach(async () => {
    await worker?.stop('SIGKILL');
    await bus.close();
    await nats.destroy();
    await test.close();
  });

  const startWorker = async (): Promise<WorkerProcess> => {
    const env = { WORKER_ROLES: 'ingestion' };
    worker = await WorkerProcess.start({ databaseUrl: test.url, natsUrl: nats.url, env });
    return worker;
  };
  const readTimes = async (): Promise<number[]> => {
    const rows = await queryRows<{ at: Date }>(test.session, 'select at from host_metrics order by at');
    return rows.map(({ at }) => at.getTime());
  };
  const readUnanswered = async (): Promise<number> => {
    const state = await (await bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);
    return state.num_pending + state.num_ack_pending;
  };
  const publishAll = async (some: readonly number[]): Promise<void> => {
    for (const sampledAt of some) await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
  };
  const restart = async (): Promise<void> => {
    await nats.start(null);
    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    await ensureStreams(bus, allStreams);
  };

  it('loses and repeats nothing of what the worker has in hand', async () => {
    const running = await startWorker();
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const held = test.inTransaction(async (tx) => {
      await tx.query('lock table host_metrics in share mode');
      await publishAll(times.slice(0, SAMPLES / 2));
      await expect
        .poll(() => running.readFigure('flotilla_consumer_messages_total', 'METRICS'), BOUND)
        .toBe(SAMPLES / 2);
      await nats.stop();
      await mayGoOn;
    });
    await expect.poll(() => running.readReadiness(), BOUND).toBe(503);
    await restart();
    expect(await readUnanswered(), 'the control: the bus was killed before anything was answered').toBe(SAMPLES / 2);
    expect(await readTimes()).toEqual([]);
    goOn();
    await held;
    await publishAll(times.slice(SAMPLES / 2));
    await expect.poll(readUnanswered, BOUND).toBe(0);
    expect(await readTimes()).toEqual(times);
    expect(await readDeadLetters(bus)).toEqual([]);
    expect(running.isRunning, running.log).toBe(true);
  });

  it('would lose what only it had, if its disk did not keep it (negative control)', async () => {
    await publishAll(times.slice(0, SAMPLES / 2));
    await nats.stop();
    await rm(join(nats.place.dir, 'store'), { recursive: true });
    await restart();
    await startWorker();
    await publishAll(times.slice(SAMPLES / 2));
    await expect.poll(readTimes, BOUND).toHaveLength(SAMPLES / 2);
    await expect.poll(readUnanswered, BOUND).toBe(0);
    expect(await readTimes()).toEqual(times.slice(SAMPLES / 2));
  });
});
