import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseSession } from '../database-session.ts';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { deleteDueRollups, lockDueRollups, markRollupsDue } from './due-rollup.repository.ts';
import { rollupLevels } from './metric-levels.ts';
import { createMetricsWriter, type MetricsWriter } from './metrics-writer.ts';
import { rollUpMetrics } from './roll-up.ts';
import { buildAgentSample, rollUpEverything } from '../testing/metric-samples.ts';
import { readStorageState } from './storage-state.repository.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

describe('rollUpMetrics', () => {
  let test: TestDatabase;
  let writer: MetricsWriter;
  let agentId: string;
  /** A whole hour, some hours ago. */
  const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;

  beforeAll(async () => {
    test = await createTestDatabase({ poolSize: 8 });
    writer = createMetricsWriter(test.database);
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    agentId = await insertTestAgent(test.session);
  });

  const sampleAt = (atMs: number, host = 1) => buildAgentSample({ agentId, sampledAt: startMs + atMs, host });
  const readRollups = async (suffix = '1m'): Promise<{ at: number; samples: number; avg: number }[]> => {
    const rows: { at: Date; samples: number; avg: number }[] = await test.session.query(
      `select at, samples, cpu_percent_avg as avg from host_metrics_${suffix} where agent_id = $1 order by at`,
      [agentId],
    );
    return rows.map(({ at, ...rest }) => ({ at: at.getTime() - startMs, ...rest }));
  };
  const makeDue = async (): Promise<void> => {
    await test.session.query(`update metric_rollups_due set due_at = now() - interval '1 second' where agent_id = $1`, [
      agentId,
    ]);
  };
  const countMarks = async (): Promise<number> => {
    const rows: object[] = await test.session.query('select 1 from metric_rollups_due where agent_id = $1', [agentId]);
    return rows.length;
  };

  it('computes a bucket some seconds after it has ended, and no earlier', async () => {
    await writer.write([buildAgentSample({ agentId, sampledAt: Date.now() })]);
    await rollUpMetrics(test.database);
    expect(await countMarks()).toBe(1);
    const rows: { waitMs: number }[] = await test.session.query(
      `select extract(epoch from due_at - bucket)::float8 * 1000 as "waitMs" from metric_rollups_due where agent_id = $1`,
      [agentId],
    );
    expect(rows[0]?.waitMs).toBeGreaterThan(MINUTE_MS);
  });

  it('computes minutes, quarters of an hour and six hours, by the samples in each', async () => {
    await writer.write([sampleAt(0, 10), sampleAt(5000, 20), sampleAt(10_000, 30), sampleAt(14 * MINUTE_MS, 100)]);
    await rollUpEverything(test);
    expect(await readRollups('1m')).toEqual([
      { at: 0, samples: 3, avg: 20 },
      { at: 14 * MINUTE_MS, samples: 1, avg: 100 },
    ]);
    expect(await readRollups('15m')).toEqual([{ at: 0, samples: 4, avg: 40 }]);
    expect(await readRollups('6h')).toMatchObject([{ samples: 4, avg: 40 }]);
    expect(await countMarks()).toBe(0);
    expect(await rollUpMetrics(test.database)).toEqual({ buckets: 0, isMore: false });
  });

  it('computes exactly the buckets again that late rows belong to', async () => {
    await writer.write([sampleAt(0), sampleAt(30 * MINUTE_MS)]);
    await rollUpEverything(test);
    // A value that would be corrected if its bucket were computed again.
    await test.session.query('update host_metrics_1m set cpu_percent_avg = 77 where agent_id = $1 and at = $2', [
      agentId,
      new Date(startMs + 30 * MINUTE_MS),
    ]);
    await writer.write([sampleAt(1000, 3)]);
    await rollUpEverything(test);
    expect(await readRollups('1m')).toEqual([
      { at: 0, samples: 2, avg: 2 },
      { at: 30 * MINUTE_MS, samples: 1, avg: 77 },
    ]);
    expect(await readRollups('15m')).toMatchObject([{ samples: 2, avg: 2 }, { samples: 1 }]);
  });

  it('does not replace a rollup by one of fewer samples, when raw rows are gone', async () => {
    await writer.write([sampleAt(0, 10), sampleAt(5000, 20)]);
    await rollUpEverything(test);
    await test.session.query('delete from host_metrics where agent_id = $1', [agentId]);
    await writer.write([sampleAt(10_000, 90)]);
    await rollUpEverything(test);
    expect(await readRollups('1m')).toEqual([{ at: 0, samples: 2, avg: 15 }]);
    expect(await readRollups('15m')).toEqual([{ at: 0, samples: 2, avg: 15 }]);
  });

  it('leaves a bucket alone while a writer that found its mark has not committed, and computes it afterwards', async () => {
    await writer.write([sampleAt(0)]);
    await makeDue();
    const found = await test.inTransaction(async (tx) => {
      await insertRow(tx, 5000);
      await markRollupsDue(tx, [sampleAt(5000)]);
      return rollUpMetrics(test.database);
    });
    expect(found.buckets).toBe(0);
    await rollUpEverything(test);
    expect(await readRollups()).toMatchObject([{ samples: 2 }]);
  });

  it('would lose the row of that writer if marks were not locked (negative control)', async () => {
    await writer.write([sampleAt(0)]);
    await makeDue();
    await test.inTransaction(async (tx) => {
      await insertRow(tx, 5000);
      await tx.query(
        `insert into metric_rollups_due (level, agent_id, bucket, due_at) values ('1m', $1, $2, now())
         on conflict do nothing`,
        [agentId, new Date(startMs)],
      );
      await rollUpMetrics(test.database);
    });
    await rollUpEverything(test);
    expect(await readRollups()).toMatchObject([{ samples: 1 }]);
  });

  it('computes a bucket once more when a row comes while it is computed', async () => {
    await writer.write([sampleAt(0)]);
    await makeDue();
    const [minutes] = rollupLevels;
    if (minutes === undefined) throw new Error('no level');
    let write: Promise<unknown> = Promise.resolve();
    await test.inTransaction(async (tx) => {
      const due = (await lockDueRollups(tx, 'metric_rollups_due', minutes, 1000)).filter(
        (one) => one.agentId === agentId,
      );
      expect(due).toHaveLength(1);
      write = writer.write([sampleAt(5000)]);
      await waitForLock(test);
      await deleteDueRollups(tx, 'metric_rollups_due', minutes, due);
    });
    expect(await write).toMatchObject({ rows: 1 });
    expect(await countMarks()).toBe(1);
    await rollUpEverything(test);
    expect(await readRollups()).toMatchObject([{ samples: 2 }]);
  });

  it('computes every bucket when several processes do it while samples arrive', async () => {
    const batches = Array.from({ length: 20 }, (_, batch) =>
      Array.from({ length: 30 }, (_row, index) => sampleAt((index * 20 + batch) * 3 * SECOND_MS, batch)),
    );
    let isWriting = true;
    const write = async (own: typeof batches): Promise<void> => {
      for (const batch of own) await writer.write(batch);
    };
    const compute = async (): Promise<void> => {
      while (isWriting) {
        await makeDueUnlocked(test.session);
        await rollUpMetrics(test.database, 7);
      }
    };
    const computing = [compute(), compute()];
    await Promise.all([write(batches.slice(0, 10)), write(batches.slice(10))]);
    isWriting = false;
    await Promise.all(computing);
    await rollUpEverything(test);
    for (const suffix of ['1m', '15m', '6h']) {
      const rows = await readRollups(suffix);
      expect(rows.reduce((sum, { samples }) => sum + samples, 0)).toBe(600);
    }
    expect(await readRollups('1m')).toHaveLength(30);
    expect(await countMarks()).toBe(0);
  });

  it('tells what waits, and how large the tables are', async () => {
    await writer.write([sampleAt(0)]);
    await makeDue();
    const { kind, tables, waitingRollups } = await readStorageState(test.session);
    expect(kind).toBe('native');
    expect(waitingRollups).toBeGreaterThanOrEqual(1);
    expect(tables).toHaveLength(19);
    const raw = tables.find(({ name }) => name === 'host_metrics');
    expect(raw?.bytes).toBeGreaterThan(0);
    expect(raw?.oldestAt?.getTime()).toBeLessThanOrEqual(startMs);
    expect(tables.find(({ name }) => name === 'custom_metrics')?.oldestAt).toBeNull();
    await rollUpEverything(test);
    expect((await readStorageState(test.session)).waitingRollups).toBe(0);
  });

  async function insertRow(tx: DatabaseSession, atMs: number): Promise<void> {
    await tx.query('insert into host_metrics (agent_id, at, cpu_percent) values ($1, $2, 1)', [
      agentId,
      new Date(startMs + atMs),
    ]);
  }
});

/** Marks that a transaction holds are left for the next time: nobody here may wait in a circle. */
async function makeDueUnlocked(db: DatabaseSession): Promise<void> {
  await db.query(
    `update metric_rollups_due d set due_at = now() - interval '1 second'
     from (select agent_id, level, bucket from metric_rollups_due for update skip locked) as free
     where (d.agent_id, d.level, d.bucket) = (free.agent_id, free.level, free.bucket)`,
  );
}

async function waitForLock({ session }: TestDatabase): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const waiting: object[] = await session.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting.length > 0) return;
    if (Date.now() > deadline) throw new Error('nobody waits');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
