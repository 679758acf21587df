import { METRICS_STREAM } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSampleMessage, publishSample } from '../testing/build-sample-message.ts';
import { IngestionStand, recentTimes } from '../testing/ingestion-stand.ts';
import { readDeadLetters } from '../testing/test-bus.ts';
import type { WorkerProcess } from '../testing/worker-process.ts';

const BOUND = { timeout: 60_000, interval: 20 };
/** More than one process takes at once. */
const SAMPLES = 3000;
const REPEATS = 2;
const ROWS_OF_SAMPLE = 3;

/** Two real processes at once on one stream in which every message is repeated, under another id. */
describe('two workers', () => {
  let stand: IngestionStand;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    stand = await IngestionStand.create();
    workers = await Promise.all([stand.startWorker(), stand.startWorker()]);
  });
  afterEach(() => stand.close());

  const untilAllAreAnswered = async (): Promise<void> => {
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(0);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
  };
  const readFigures = (name: 'messages' | 'rows' | 'duplicate_rows'): Promise<number[]> =>
    Promise.all(workers.map((worker) => worker.readFigure(`flotilla_consumer_${name}_total`, 'METRICS')));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

  /** Publishes each time's sample twice, so that the stream has both. */
  async function publishTwice(times: readonly number[]): Promise<void> {
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      await Promise.all(
        times.map((sampledAt) =>
          publishSample(stand.bus, stand.agentId, buildSampleMessage({ sampledAt }), {
            messageId: `${repeat} ${sampledAt}`,
          }),
        ),
      );
    }
  }
  const readStreamLength = async (): Promise<number> =>
    (await (await stand.bus.jetstreamManager()).streams.info(METRICS_STREAM.name)).state.messages;

  it('store everything once, and both work', async () => {
    const times = recentTimes(SAMPLES);
    await publishTwice(times);
    expect(await readStreamLength(), 'the stream has kept the repeats').toBe(SAMPLES * REPEATS);
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual(times);
    const [rows, duplicates] = [await readFigures('rows'), await readFigures('duplicate_rows')];
    expect(Math.min(...rows), `both have stored some: ${rows.join(' and ')}`).toBeGreaterThan(0);
    // The control: a repeat that both had stored would be counted as new by both.
    expect(sum(rows)).toBe(SAMPLES * ROWS_OF_SAMPLE);
    expect(sum(duplicates)).toBe(SAMPLES * ROWS_OF_SAMPLE * (REPEATS - 1));
  });

  it('would store repeats without the keys (negative control)', async () => {
    for (const table of ['host_metrics', 'container_metrics', 'custom_metrics']) {
      await stand.test.session.query(`alter table ${table} drop constraint ${table}_pkey`);
    }
    const times = recentTimes(100);
    await publishTwice(times);
    await untilAllAreAnswered();
    expect((await stand.readTimes()).length).toBeGreaterThan(times.length);
  });

  it('lose and repeat nothing when one is killed with messages in hand', async () => {
    const [first, second] = workers;
    if (first === undefined || second === undefined) throw new Error('there are two');
    const times = recentTimes(SAMPLES);
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: isHeld, resolve: tellHeld } = Promise.withResolvers<void>();
    const held = stand.test.inTransaction(async (tx) => {
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
      expect(await stand.readTimes(), 'the control: none of it was committed').toEqual([]);
      expect(inHand).toBeGreaterThan(0);
    } finally {
      goOn();
      await held;
    }
    await untilAllAreAnswered();
    expect(await stand.readTimes()).toEqual(times);
    const redelivered = await second.readFigure('flotilla_consumer_redelivered_messages_total', 'METRICS');
    expect(redelivered, 'what the dead process had in hand came to the other').toBeGreaterThan(0);
  });
});
