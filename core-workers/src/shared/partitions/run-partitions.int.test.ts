import { PARTITIONS } from '@flotilla/contracts';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quietLogger } from '../../testing/test-bus.ts';
import { runPartitions, type RunningPartitions } from './run-partitions.ts';

const BOUND = { timeout: 20_000, interval: 20 };
const spaces = { partitions: 1, presence: 2 };
const sizes = (...running: RunningPartitions[]) => running.map(({ owned }) => owned().length).toSorted((a, b) => a - b);

describe('runPartitions', () => {
  let test: TestDatabase;
  /** Who works on a partition now; more than one would be a defect. */
  let workers: Map<number, Set<string>>;
  let overlaps: string[];
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    test = await createTestDatabase();
    workers = new Map();
    overlaps = [];
    stops = [];
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await test.close();
  });

  function start(name: string): { running: RunningPartitions; stop: () => Promise<void> } {
    const abort = new AbortController();
    const work = async (partition: number, signal: AbortSignal): Promise<void> => {
      const present = workers.get(partition) ?? new Set<string>();
      workers.set(partition, present.add(name));
      if (present.size > 1) overlaps.push(`${partition}: ${[...present].join(' and ')}`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      present.delete(name);
    };
    const running = runPartitions({ database: test.database, spaces, work, logger: quietLogger() }, abort.signal);
    const stop = async (): Promise<void> => {
      abort.abort();
      await running.finished;
    };
    stops.push(stop);
    return { running, stop };
  }
  const listWorked = () => [...workers].filter(([, names]) => names.size === 1).map(([partition]) => partition);

  it('shares all partitions fairly, each with one process, as processes come and go', async () => {
    const one = start('one');
    await expect.poll(() => sizes(one.running), BOUND).toEqual([16]);
    const two = start('two');
    await expect.poll(() => sizes(one.running, two.running), BOUND).toEqual([8, 8]);
    const three = start('three');
    await expect.poll(() => sizes(one.running, two.running, three.running), BOUND).toEqual([4, 6, 6]);
    expect(listWorked()).toHaveLength(PARTITIONS);
    await two.stop();
    await expect.poll(() => sizes(one.running, three.running), BOUND).toEqual([8, 8]);
    await expect.poll(listWorked, BOUND).toHaveLength(PARTITIONS);
    expect(overlaps).toEqual([]);
  });

  it('stops all work at once when its session is lost, and takes up again', async () => {
    const one = start('one');
    await expect.poll(listWorked, BOUND).toHaveLength(PARTITIONS);
    await test.session.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'core-workers locks'
       and datname = current_database()`,
    );
    await expect.poll(listWorked, { timeout: 900, interval: 5 }).toEqual([]);
    await expect.poll(() => sizes(one.running), BOUND).toEqual([16]);
    await expect.poll(listWorked, BOUND).toHaveLength(PARTITIONS);
  });

  it('leaves no lock and no connection behind', async () => {
    const one = start('one');
    await expect.poll(() => sizes(one.running), BOUND).toEqual([16]);
    await one.stop();
    const sql = `select 1 from pg_stat_activity where application_name = 'core-workers locks' and datname = current_database()`;
    await expect.poll(() => test.session.query(sql), BOUND).toEqual([]);
  });
});
