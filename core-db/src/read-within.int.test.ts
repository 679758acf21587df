import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPoolState } from './pool-state.ts';
import { ReadingTooSlow, readWithin } from './read-within.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

it('ends a statement that takes too long, and gives its connection back as it was', async () => {
  await expect(readWithin(test.database, 50, (tx) => tx.query('select pg_sleep(20)'))).rejects.toThrow(ReadingTooSlow);
  const pool = readPoolState(test.database);
  expect(pool?.open).toBe(pool?.idle);
  expect(await test.session.query('show statement_timeout')).toEqual([{ statement_timeout: '30s' }]);
  expect(await test.session.query('show transaction_read_only')).toEqual([{ transaction_read_only: 'off' }]);
});

it('hands on what was read, and other errors as they are', async () => {
  expect(await readWithin(test.database, 5000, (tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
  await expect(readWithin(test.database, 5000, (tx) => tx.query('select 1/0'))).rejects.toThrow('division by zero');
  await expect(readWithin(test.database, 5000, (tx) => tx.query('delete from audit'))).rejects.toThrow('read-only');
});
