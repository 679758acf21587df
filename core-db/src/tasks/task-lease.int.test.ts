import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertTestAgent, insertTestTask } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { taskEntity, type TaskRow } from './task.entity.ts';
import { endOverdueLeases } from './task-lease.repository.ts';

const past = new Date(Date.now() - 1000);
const future = new Date(Date.now() + 60_000);
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

describe('endOverdueLeases', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());
  beforeEach(() => test.session.query('truncate agents cascade'));

  const insert = async (change: Partial<TaskRow>): Promise<string> =>
    insertTestTask(test.session, { agentId: await insertTestAgent(test.session), ...change });
  const read = (id: string) => test.session.getRepository(taskEntity).findOneByOrFail({ id });

  it('makes an overdue task pending again', async () => {
    const id = await insert({ state: 'delivered', deliveries: 4, leaseUntil: past });
    expect(await endOverdueLeases(test.session, 5)).toEqual({ pending: 1, expired: 0, superseded: 0 });
    expect(await read(id)).toMatchObject({ state: 'pending', deliveries: 4, leaseUntil: null, finishedAt: null });
    expect(await endOverdueLeases(test.session, 5)).toEqual({ pending: 0, expired: 0, superseded: 0 });
  });

  it('expires one whose deliveries are used up', async () => {
    const id = await insert({ state: 'running', deliveries: 5, leaseUntil: past });
    expect(await endOverdueLeases(test.session, 5)).toEqual({ pending: 0, expired: 1, superseded: 0 });
    const outcome = 'The agent took it 5 times and never answered.';
    expect(await read(id)).toMatchObject({ state: 'expired', finishedAt: expect.any(Date), outcome });
  });

  it.each(['pending', 'succeeded'] as const)(
    'never lets an older state come after a newer one that is %s',
    async (state) => {
      const agentId = await insertTestAgent(test.session);
      const older = await insert({
        agentId,
        state: 'running',
        deliveries: 1,
        leaseUntil: past,
        createdAt: minutesAgo(2),
      });
      const newer = await insert({ agentId, state, createdAt: minutesAgo(1) });
      expect(await endOverdueLeases(test.session, 5)).toEqual({ pending: 0, expired: 0, superseded: 1 });
      expect(await read(older)).toMatchObject({ state: 'superseded', finishedAt: expect.any(Date) });
      expect(await read(newer)).toMatchObject({ state });
    },
  );

  it('leaves tasks alone that are in time, finished or held by somebody else', async () => {
    const inTime = await insert({ state: 'delivered', deliveries: 5, leaseUntil: future });
    const finished = await insert({ state: 'superseded', deliveries: 5, leaseUntil: past });
    const held = await insert({ state: 'delivered', deliveries: 1, leaseUntil: past });
    await test.inTransaction(async (tx) => {
      await tx.query('select id from tasks where id = $1 for update', [held]);
      expect(await endOverdueLeases(test.session, 5)).toEqual({ pending: 0, expired: 0, superseded: 0 });
    });
    expect(await read(inTime)).toMatchObject({ state: 'delivered', leaseUntil: future });
    expect(await read(finished)).toMatchObject({ state: 'superseded' });
    expect(await endOverdueLeases(test.session, 5)).toEqual({ pending: 1, expired: 0, superseded: 0 });
  });
});
