import { isDatabaseUnavailable, queryRows } from '@flotilla/core-db';
import { PostgresServer } from '@flotilla/core-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IngestionStand, recentTimes } from '../testing/ingestion-stand.ts';
import { readDeadLetters } from '../testing/test-bus.ts';
import type { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 40_000, interval: 20 };
const SAMPLES = 50;

/** A real worker process, and a PostgreSQL that crashes while it commits a batch. */
describe('a database that crashes in the middle of a batch', () => {
  let postgres: PostgresServer;
  let stand: IngestionStand;
  let times: number[];
  let worker: WorkerProcess;

  beforeAll(async () => {
    postgres = await PostgresServer.start({ isCrashSafe: true });
  });
  afterAll(() => postgres.destroy());
  beforeEach(async () => {
    stand = await IngestionStand.create({ serverUrl: postgres.url });
    times = recentTimes(SAMPLES);
    worker = await stand.startWorker();
  });
  afterEach(() => stand.close());

  const untilAllAreAnswered = async (): Promise<void> => {
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(0);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
    expect(worker.isRunning, worker.log).toBe(true);
    await expect.poll(() => worker.readReadiness(), BOUND).toBe(200);
  };

  /** Lets the worker copy the rows of hosts and containers, holds it up in the COPY of the series, and crashes the server. */
  async function crashDuringCopy(beforeStart: () => void = () => undefined): Promise<void> {
    const held = stand.test.inTransaction(async (tx) => {
      await tx.query('lock table custom_metrics in share mode');
      await stand.publishSamples(times);
      // The COPY of the series waits, in a transaction that has rows of hosts already: it holds a lock for writing there.
      await expect
        .poll(
          () =>
            queryRows(
              stand.test.session,
              `select a.state from pg_stat_activity a
               join pg_locks l on l.pid = a.pid and l.relation = 'host_metrics'::regclass and l.mode = 'RowExclusiveLock'
               where a.query like 'copy %custom_metrics%' and a.wait_event_type = 'Lock' and a.backend_xid is not null`,
            ),
          BOUND,
        )
        .toContainEqual({ state: 'active' });
      await expect.poll(() => stand.readUnanswered(), BOUND).toBe(SAMPLES);
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
    await stand.test.session.query(`alter system set synchronous_standby_names = 'nobody'`);
    await stand.test.session.query('select pg_reload_conf()');
    await expect
      .poll(() => queryRows(stand.test.session, 'show synchronous_standby_names'), BOUND)
      .toMatchObject([{ synchronous_standby_names: 'nobody' }]);
    await stand.publishSamples(times);
    await expect
      .poll(() => queryRows(stand.test.session, `select 1 from pg_stat_activity where wait_event = 'SyncRep'`), BOUND)
      .not.toEqual([]);
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(SAMPLES);
    expect(await stand.readTimes(), 'not told: nobody sees the rows').toEqual([]);
    worker.pause();
    await postgres.crash();
    await postgres.restart();
    await stand.test.session.query('alter system reset synchronous_standby_names');
    await stand.test.session.query('select pg_reload_conf()');
  }

  it('has it stored once afterwards, by the same worker', async () => {
    await crashDuringCopy();
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual(times);
  });

  it('had lost what was copied: only the worker’s repeat brings it (negative control)', async () => {
    await crashDuringCopy(() => worker.pause());
    expect(await stand.readTimes(), 'without the worker nothing is there').toEqual([]);
    worker.resume();
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual(times);
  });

  it('may have committed without telling; what the worker repeats changes nothing', async () => {
    await crashBeforeCommitIsTold();
    const committed = await stand.readTimes();
    expect(committed.length, 'the control: the crash came after a commit').toBeGreaterThan(0);
    worker.resume();
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual(times);
    expect(await worker.readFigure('flotilla_consumer_duplicate_rows_total', 'METRICS')).toBe(3 * committed.length);
  });

  it('would have rows twice then, if the key did not forbid it (negative control)', async () => {
    await stand.test.session.query('alter table host_metrics drop constraint host_metrics_pkey');
    await stand.test.session.query('alter table container_metrics drop constraint container_metrics_pkey');
    await stand.test.session.query('alter table custom_metrics drop constraint custom_metrics_pkey');
    await crashBeforeCommitIsTold();
    worker.resume();
    await untilAllAreAnswered();
    expect((await stand.readTimes()).length).toBeGreaterThan(SAMPLES);
    expect([...new Set(await stand.readTimes())]).toEqual(times);
  });
});
