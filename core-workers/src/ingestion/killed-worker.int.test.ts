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
const SAMPLES = 20;

/** Real processes, killed at the moments that matter: a lock on the table holds the worker where the test wants it. */
describe('a worker that is killed', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let times: number[];
  let workers: WorkerProcess[];

  beforeEach(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
    const newest = Date.now();
    times = Array.from({ length: SAMPLES }, (_, index) => newest - (SAMPLES - index) * 1000);
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    await bus.close();
    await nats.destroy();
    await test.close();
  });

  async function startWorker(): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start({
      databaseUrl: test.url,
      natsUrl: nats.url,
      env: { WORKER_ROLES: 'ingestion' },
    });
    workers.push(worker);
    return worker;
  }

  /** Rows of the host, repeats and all. */
  const readTimes = async (): Promise<number[]> => {
    const rows = await queryRows<{ at: Date }>(test.session, 'select at from host_metrics order by at');
    return rows.map(({ at }) => at.getTime());
  };
  const readConsumer = async () =>
    (await bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);

  /** Publishes the samples and does `work` while the worker waits, with all of them in hand, to write them. */
  async function whileWriting(work: (release: () => void) => Promise<void>): Promise<void> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: isWaiting, resolve: tellWaiting } = Promise.withResolvers<void>();
    const held = test.inTransaction(async (tx) => {
      await tx.query('lock table host_metrics in share mode');
      for (const sampledAt of times) await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
      await expect.poll(readWaitingLocks, BOUND).not.toEqual([]);
      await expect.poll(async () => (await readConsumer()).num_ack_pending, BOUND).toBe(SAMPLES);
      tellWaiting();
      await released;
    });
    await Promise.race([held, isWaiting]);
    try {
      await work(release);
    } finally {
      release();
      await held;
    }
  }
  const readWaitingLocks = () => queryRows(test.session, 'select 1 from pg_locks where not granted');

  it('before the commit has stored nothing; the next one stores everything once', async () => {
    const first = await startWorker();
    await whileWriting(async () => {
      await first.stop('SIGKILL');
    });
    expect(await readTimes(), 'the control: it had not committed').toEqual([]);
    await startWorker();
    await expect.poll(readTimes, BOUND).toEqual(times);
    await expect.poll(async () => (await readConsumer()).num_ack_pending, BOUND).toBe(0);
    expect(await readDeadLetters(bus)).toEqual([]);
  });

  it('between the commit and the acknowledgement has stored everything; what comes again changes nothing', async () => {
    const first = await startWorker();
    await whileWriting(async (release) => {
      // Deaf from here on: the acknowledgements are sent, and never heard.
      nats.pause();
      release();
      await expect.poll(readTimes, BOUND).toEqual(times);
      await first.stop('SIGKILL');
    });
    await nats.stop();
    await nats.start(null);
    await expect.poll(() => bus.isConnected(), BOUND).toBe(true);
    const { num_pending: waiting, num_ack_pending: unanswered } = await readConsumer();
    expect(waiting + unanswered, 'the control: the bus knows of no acknowledgement').toBe(SAMPLES);

    await startWorker();
    await expect
      .poll(async () => {
        const state = await readConsumer();
        return state.num_pending + state.num_ack_pending;
      }, BOUND)
      .toBe(0);
    expect(await readTimes()).toEqual(times);
    expect(await readDeadLetters(bus)).toEqual([]);
  });
});
