import { allStreams, consumers, METRICS_STREAM } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { createTestDatabase, insertTestAgent, type TestDatabase } from '@flotilla/core-db/testing';
import { ensureStreams, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSampleMessage, publishSample } from '../testing/build-sample-message.ts';
import { connectTestBus, readDeadLetters } from '../testing/test-bus.ts';
import { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 60_000, interval: 20 };
/** More than one process takes at once. */
const SAMPLES = 3000;
const REPEATS = 2;
const ROWS_OF_SAMPLE = 3;

/** Two real processes at once on one stream in which every message is repeated, under another id. */
describe('two workers', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  let bus: BusConnection;
  let agentId: string;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
    bus = await connectTestBus(nats.url);
    await ensureStreams(bus, allStreams);
    agentId = await insertTestAgent(test.session);
    const settings = { databaseUrl: test.url, natsUrl: nats.url, env: { WORKER_ROLES: 'ingestion' } };
    workers = await Promise.all([WorkerProcess.start(settings), WorkerProcess.start(settings)]);
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    await bus.close();
    await nats.destroy();
    await test.close();
  });

  const readTimes = async (): Promise<number[]> => {
    const rows = await queryRows<{ at: Date }>(test.session, 'select at from host_metrics order by at');
    return rows.map(({ at }) => at.getTime());
  };
  const untilAllAreAnswered = async (): Promise<void> => {
    await expect
      .poll(async () => {
        const state = await (await bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);
        return state.num_pending + state.num_ack_pending;
      }, BOUND)
      .toBe(0);
    expect(await readDeadLetters(bus)).toEqual([]);
  };
  const readFigures = (name: 'messages' | 'rows' | 'duplicate_rows'): Promise<number[]> =>
    Promise.all(workers.map((worker) => worker.readFigure(`flotilla_consumer_${name}_total`, 'METRICS')));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

  /** Publishes each time's sample twice, so that the stream has both. */
  async function publishTwice(times: readonly number[]): Promise<void> {
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      await Promise.all(
        times.map((sampledAt) =>
          publishSample(bus, agentId, buildSampleMessage({ sampledAt }), { messageId: `${repeat} ${sampledAt}` }),
        ),
      );
    }
  }
  const recentTimes = (count: number): number[] => {
    const newest = Date.now();
    return Array.from({ length: count }, (_, index) => newest - (count - index) * 1000);
  };
  const readStreamLength = async (): Promise<number> =>
    (await (await bus.jetstreamManager()).streams.info(METRICS_STREAM.name)).state.messages;

  it('store everything once, and both work', async () => {
    const times = recentTimes(SAMPLES);
    await publishTwice(times);
    expect(await readStreamLength(), 'the stream has kept the repeats').toBe(SAMPLES * REPEATS);
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
    const [rows, duplicates] = [await readFigures('rows'), await readFigures('duplicate_rows')];
    expect(Math.min(...rows), `both have stored some: ${rows.join(' and ')}`).toBeGreaterThan(0);
    // The control: a repeat that both had stored would be counted as new by both.
    expect(sum(rows)).toBe(SAMPLES * ROWS_OF_SAMPLE);
    expect(sum(duplicates)).toBe(SAMPLES * ROWS_OF_SAMPLE * (REPEATS - 1));
  });

  it('would store repeats without the keys (negative control)', async () => {
    for (const table of ['host_metrics', 'container_metrics', 'custom_metrics']) {
      await test.session.query(`alter table ${table} drop constraint ${table}_pkey`);
    }
    const times = recentTimes(100);
    await publishTwice(times);
    await untilAllAreAnswered();
    expect((await readTimes()).length).toBeGreaterThan(times.length);
  });

  it('lose and repeat nothing when one is killed with messages in hand', async () => {
    const [first, second] = workers;
    if (first === undefined || second === undefined) throw new Error('there are two');
    const times = recentTimes(SAMPLES);
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: isHeld, resolve: tellHeld } = Promise.withResolvers<void>();
    const held = test.inTransaction(async (tx) => {
      await tx.query('lock table host_metrics in share mode');
      tellHeld();
      await mayGoOn;
    });
    await Promise.race([held, isHeld]);
    try {
      await publishTwice(times);
      await expect.poll(async () => Math.min(...(await readFigures('messages'))), BOUND).toBeGreaterThan(0);
      const inHand = await first.readFigure('flotilla_consumer_messages_total', 'METRICS');
      await first.stop('SIGKILL');
      expect(await readTimes(), 'the control: none of it was committed').toEqual([]);
      expect(inHand).toBeGreaterThan(0);
    } finally {
      goOn();
      await held;
    }
    await untilAllAreAnswered();
    expect(await readTimes()).toEqual(times);
    const redelivered = await second.readFigure('flotilla_consumer_redelivered_messages_total', 'METRICS');
    expect(redelivered, 'what the dead process had in hand came to the other').toBeGreaterThan(0);
  });
});
