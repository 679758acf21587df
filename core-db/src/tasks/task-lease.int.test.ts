import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertTestAgent, insertTestTask } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { taskEntity } from './task.entity.ts';
import { endOverdueLeases } from './task-lease.repository.ts';

describe('endOverdueLeases', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());

  it('makes overdue tasks pending again, and expired once their deliveries are used up', async () => {
    const agentId = await insertTestAgent(test.session);
    const past = new Date(Date.now() - 1000);
    const future = new Date(Date.now() + 60_000);
    const insert = (change: Parameters<typeof insertTestTask>[1]) => insertTestTask(test.session, change);
    const ids = {
      overdue: await insert({ agentId, state: 'delivered', deliveries: 4, leaseUntil: past }),
      usedUp: await insert({ agentId, state: 'running', deliveries: 5, leaseUntil: past }),
      inTime: await insert({ agentId, state: 'delivered', deliveries: 5, leaseUntil: future }),
      superseded: await insert({ agentId, state: 'superseded', deliveries: 5, leaseUntil: past }),
    };

    expect(await endOverdueLeases(test.session, 5)).toEqual({ requeued: 1, expired: 1 });
    const rows = await test.session.getRepository(taskEntity).find();
    const read = (id: string) => rows.find((row) => row.id === id);
    expect(read(ids.overdue)).toMatchObject({ state: 'pending', deliveries: 4, leaseUntil: null, finishedAt: null });
    expect(read(ids.usedUp)).toMatchObject({
      state: 'expired',
      finishedAt: expect.any(Date),
      outcome: 'The agent took it 5 times and never answered.',
    });
    expect(read(ids.inTime)).toMatchObject({ state: 'delivered', leaseUntil: future });
    expect(read(ids.superseded)?.state).toBe('superseded');
    expect(await endOverdueLeases(test.session, 5)).toEqual({ requeued: 0, expired: 0 });
  });
});
