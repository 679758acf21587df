import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { allStreams } from '@flotilla/contracts';
import { ensureStreams } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestionStand, recentTimes } from '../testing/ingestion-stand.ts';
import { readDeadLetters } from '../testing/test-bus.ts';

const BOUND = { timeout: 40_000, interval: 20 };
const SAMPLES = 60;

/** The bus is killed while a worker has samples in hand that are not stored yet. */
describe('a bus that is killed and starts again', () => {
  let stand: IngestionStand;
  let times: number[];

  beforeEach(async () => {
    stand = await IngestionStand.create();
    times = recentTimes(SAMPLES);
  });
  afterEach(() => stand.close());

  const restart = async (): Promise<void> => {
    await stand.nats.start(null);
    await expect.poll(() => stand.bus.isConnected(), BOUND).toBe(true);
    await ensureStreams(stand.bus, allStreams);
  };

  it('loses and repeats nothing of what the worker has in hand', async () => {
    const running = await stand.startWorker();
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const held = stand.test.inTransaction(async (tx) => {
      await tx.query('lock table host_metrics in share mode');
      await stand.publishSamples(times.slice(0, SAMPLES / 2));
      await expect
        .poll(() => running.readFigure('flotilla_consumer_messages_total', 'METRICS'), BOUND)
        .toBe(SAMPLES / 2);
      await stand.nats.stop();
      await mayGoOn;
    });
    await expect.poll(() => running.readReadiness(), BOUND).toBe(503);
    await restart();
    expect(await stand.readUnanswered(), 'the control: the bus was killed before anything was answered').toBe(
      SAMPLES / 2,
    );
    expect(await stand.readTimes()).toEqual([]);
    goOn();
    await held;
    await stand.publishSamples(times.slice(SAMPLES / 2));
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(0);
    expect(await stand.readTimes()).toEqual(times);
    expect(await readDeadLetters(stand.bus)).toEqual([]);
    expect(running.isRunning, running.log).toBe(true);
  });

  it('would lose what only it had, if its disk did not keep it (negative control)', async () => {
    await stand.publishSamples(times.slice(0, SAMPLES / 2));
    await stand.nats.stop();
    await rm(join(stand.nats.place.dir, 'store'), { recursive: true });
    await restart();
    await stand.startWorker();
    await stand.publishSamples(times.slice(SAMPLES / 2));
    await expect.poll(() => stand.readTimes(), BOUND).toHaveLength(SAMPLES / 2);
    await expect.poll(() => stand.readUnanswered(), BOUND).toBe(0);
    expect(await stand.readTimes()).toEqual(times.slice(SAMPLES / 2));
  });
});
