import { allStreams, consumers, METRICS_STREAM } from '@flotilla/contracts';
import { isDatabaseUnavailable, queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, PostgresServer, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSampleMessage, publishSample } from '../testing/build-sample-message.ts';
import { connectTestBus, readDeadLetters } from '../testing/test-bus.ts';
import { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 40_000, interval: 20 };
const SAMPLES = 50;

/** A real worker process, and a PostgreSQL that crashes while it commits a batch. */
describe('a database that crashes in the middle of a batch', () => {
  let postgres: PostgresServer;
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let times: number[];
  let worker: WorkerProcess;

  beforeAll(async () => {
    postgres = await PostgresServer.start({ isCrashSafe: true });
  });
  afterAll(() => postgres.destroy());
  beforeEach(async () => {
    test = await createTestDatabase({ serverUrl: postgres.url });
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
    const newest = Date.now();
    times = Array.from({ length: SAMPLES }, (_, index) => newest - (SAMPLES - index) * 1000);
    worker = await WorkerProcess.start({
      databaseUrl: test.url,
      natsUrl: nats.url,
      env: { WORKER_ROLES: 'ingestion' },
    });
  });
  afterEach(async () => {
    await worker.stop('SIGKILL');
    await bus.close();
    await nats.destroy();
    await test.close();
  });

  /** Rows of the host, repeats and all. */
  const readTimes = async (): Promise<number[]> => {
    const rows = await queryRows<{ at: Date }>(test.session, 'select at from host_metrics order by at');
    return rows.map(({ at }) => at.getTime());
  };
  const readUnanswered = async (): Promise<number> => {
    const state = await (await bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);
    return state.num_pending + state.num_ack_pending;
  };
  const publishAll = async (): Promise<void> => {
    for (const sampledAt of times) await publishSample(bus, agentId, buildSampleMessage({ sampledAt }));
  };
  const untilAllAreAnswered = async (): Promise<void> => {
    await expect.poll(readUnanswered, BOUND).toBe(0);
    expect(await readDeadLetters(bus)).toEqual([]);
    expect(worker.isRunning, worker.log).toBe(true);
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(200);
  };

  /** Lets the worker copy the rows of hosts and containers, holds it up in the COPY of the series, and crashes the server. */
  async function crashDuringCopy(beforeStart: () => void = () => undefined): Promise<void> {
    const held = test.inTransaction(async (tx) => {
      await tx.query('lock table custom_metrics in share mode');
      await publishAll();
      // The COPY of the series waits, in a transaction that has rows of hosts already: it holds a lock for writing there.
      await expect
        .poll(
          () =>
            queryRows(
              test.session,
              `select a.state from pg_stat_activity a
               join pg_locks l on l.pid = a.pid and l.relation = 'host_metrics'::regclass and l.mode = 'RowExclusiveLock'
               where a.query like 'copy %custom_metrics%' and a.wait_event_type = 'Lock' and a.backend_xid is not null`,
            ),
          BOUND,
        )
        .toContainEqual({ state: 'active' });
      await expect.poll(readUnanswered, BOUND).toBe(SAMPLES);
      await postgres.crash();
    });
    const end: unknown = await held.catch((error: unknown) => error);
    expect(isDatabaseUnavailable(end), 'the session that held the lock is gone as well').toBe(true);
    beforeStart();
    await postgres.restart();
  }

  /** Has the worker's commit written to disk but not told, and crashes the server then. */
  async function crashBeforeCommitIsTold(): Promise<void> {
    // The commit waits for a standby server that there is not: real, on disk, and nobody has heard of it.
    await test.session.query(`alter system set synchronous_standby_names = 'nobody'`);
    await test.session.query('select pg_reload_conf()');
    await expect
      .poll(() => queryRows(test.session, 'show synchronous_standby_names'), BOUND)
      .toMatchObject([{ synchronous_standby_names: 'nobody' }]);
    await publishAll();
    await expect
      .poll(() => queryRows(test.session, `select 1 from pg_stat_activity where wait_event = 'SyncRep'`), BOUND)
      .not.toEqual([]);
    await expect.poll(readUnanswered, BOUND).toBe(SAMPLES);
    expect(await readTimes(), 'not told: nobody sees the rows').toEqual([]);
    worker.pause();
    await postgres.crash();
    await postgres.restart();
    await test.session.query('alter system reset synchronous_standby_names');
    await test.session.query('select pg_reload_conf()');
  }

  it('has it stored once afterwards, by the same worker', async () => {
    await crashDuringCopy();
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
  });

  it('had lost what was copied: only the worker’s repeat brings it (negative control)', async () => {
    await crashDuringCopy(() => worker.pause());
    expect(await readTimes(), 'without the worker nothing is there').toEqual([]);
    worker.resume();
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
  });

  it('may have committed without telling; what the worker repeats changes nothing', async () => {
    await crashBeforeCommitIsTold();
    const committed = await readTimes();
    expect(committed.length, 'the control: the crash came after a commit').toBeGreaterThan(0);
    worker.resume();
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
    expect(await worker.readFigure('flotilla_consumer_duplicate_rows_total', 'METRICS')).toBe(3 * committed.length);
  });

  it('would have rows twice then, if the key did not forbid it (negative control)', async () => {
    await test.session.query('alter table host_metrics drop constraint host_metrics_pkey');
    await test.session.query('alter table container_metrics drop constraint container_metrics_pkey');
    await test.session.query('alter table custom_metrics drop constraint custom_metrics_pkey');
    await crashBeforeCommitIsTold();
    worker.resume();
    await untilAllAreAnswered();
    expect((await readTimes()).length).toBeGreaterThan(SAMPLES);
    expect([...new Set(await readTimes())]).toEqual(times);
  });
});
