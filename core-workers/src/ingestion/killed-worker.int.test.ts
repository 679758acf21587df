import { consumers, METRICS_STREAM } from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestionStand, recentTimes } from '../testing/ingestion-stand.ts';
import { readDeadLetters } from '../testing/test-bus.ts';

const BOUND = { timeout: 40_000, interval: 20 };
const SAMPLES = 20;

/** Real processes, killed at the moments that matter: a lock on the table holds the worker where the test wants it. */
describe('a worker that is killed', () => {
  let stand: IngestionStand;
  let times: number[];

  beforeEach(async () => {
    stand = await IngestionStand.create();
    times = recentTimes(SAMPLES);
  });
  afterEach(() => stand.close());

  const readConsumer = async () =>
    (await stand.bus.jetstreamManager()).consumers.info(METRICS_STREAM.name, consumers.metrics);

  /** Publishes the samples and does `work` while the worker waits, with all of them in hand, to write them. */
  async function whileWriting(work: (release: () => void) => Promise<void>): Promise<void> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: isWaiting, resolve: tellWaiting } = Promise.withResolvers<void>();
    const held = stand.test.inTransaction(async (tx) => {
      await tx.query('lock table host_metrics in share mode');
      await stand.publishSamples(times);
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
  const readWaitingLocks = () => queryRows(stand.test.session, 'select 1 from pg_locks where not granted');

  it('before the commit has stored nothing; the next one stores everything once', async () => {
    const first = await stand.startWorker();
    await whileWriting(async () => {
      await first.stop('SIGKILL');
    });
    expect(await stand.readTimes(), 'the control: it had not committed').toEqual([]);
    await stand.startWorker();
    await expect.poll(() => stand.readTimes(), BOUND).toEqual(times);
    await expect.poll(async () => (await readConsumer()).num_ack_pending, BOUND).toBe(0);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
  });

  it('between the commit and the acknowledgement has stored everything; what comes again changes nothing', async () => {
    const first = await stand.startWorker();
    await whileWriting(async (release) => {
      // Deaf from here on: the acknowledgements are sent, and never heard.
      stand.nats.pause();
      release();
      await expect.poll(() => stand.readTimes(), BOUND).toEqual(times);
      await first.stop('SIGKILL');
    });
    await stand.nats.stop();
    await stand.nats.start(null);
    await expect.poll(() => stand.bus.isConnected(), BOUND).toBe(true);
    expect(await stand.readUnanswered(), 'the control: the bus knows of no acknowledgement').toBe(SAMPLES);

    await stand.startWorker();
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(0);
    expect(await stand.readTimes()).toEqual(times);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
  });
});
