import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inTransaction, openDatabase, type Database } from './database.ts';
import { isDatabaseUnavailable, isUniqueViolation } from './database-errors.ts';
import { countAffected, queryRows } from './database-session.ts';
import { PostgresServer } from './testing/postgres-server.ts';

const logger = { info: () => undefined, warn: () => undefined };

describe('a database whose server is restarted', () => {
  let server: PostgresServer;
  let database: Database;

  beforeAll(async () => {
    server = await PostgresServer.start();
    database = await openDatabase({ url: server.url, logger, poolSize: 5 });
    await database.manager.query('create table notes (id int primary key, text text)');
  });
  afterAll(async () => {
    await closeDatabase(database);
    await server.destroy();
  });

  const catchError = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => error,
    );

  it('fails with "unavailable" meanwhile and works afterwards, on every connection', async () => {
    await Promise.all(Array.from({ length: 5 }, () => database.manager.query('select pg_sleep(0.05)')));
    const inWork = catchError(
      inTransaction(database, async (tx) => {
        await tx.query(`insert into notes values (1, 'lost')`);
        await tx.query('select pg_sleep(30)');
      }),
    );
    await expect
      .poll(() => queryRows(database.manager, `select 1 from pg_stat_activity where query ~ 'sleep.30'`))
      .not.toEqual([]);
    await server.stop();
    expect(isDatabaseUnavailable(await inWork)).toBe(true);
    expect(isDatabaseUnavailable(await catchError(database.manager.query('select 1')))).toBe(true);

    await server.restart();
    const answers = await Promise.all(Array.from({ length: 20 }, () => database.manager.query('select 1 as one')));
    expect(answers).toHaveLength(20);
    expect(await queryRows(database.manager, 'select * from notes')).toEqual([]);
  });

  it('outlives an error that comes while a connection is handed over', async () => {
    // What the pool of the database does is what TypeORM does with it, one step apart.
    const handOver = async (pool: Pick<pg.Pool, 'connect'>): Promise<void> => {
      const client = await pool.connect();
      try {
        client.emit('error', new Error('terminating connection due to administrator command'));
      } finally {
        client.release(true);
      }
    };
    const { driver } = database;
    if (!('master' in driver)) throw new Error('the driver has no pool');
    await handOver(driver.master as pg.Pool);
    expect(await queryRows(database.manager, 'select 1 as one')).toEqual([{ one: 1 }]);
    const plain = new pg.Pool({ connectionString: server.url });
    await expect(handOver(plain), 'the control: nobody listens').rejects.toThrow('administrator');
    await plain.end();
  });

  it('can be opened before its server is there', async () => {
    await server.stop();
    const opening = openDatabase({ url: server.url, logger, poolSize: 1 });
    await server.restart();
    const opened = await opening;
    expect(opened.isInitialized).toBe(true);
    await closeDatabase(opened);
  });

  it('is not waited for when the credentials are wrong, nor for ever', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(openDatabase({ url: url.href, logger })).rejects.toThrow(/password authentication failed/);
    url.port = '1';
    await expect(openDatabase({ url: url.href, logger, connectWithinMs: 600 })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('tells a taken key from other errors', async () => {
    await database.manager.query(`insert into notes values (2, 'here')`);
    const taken = await catchError(database.manager.query(`insert into notes values (2, 'again')`));
    expect(isUniqueViolation(taken, 'notes_pkey')).toBe(true);
    expect(isUniqueViolation(taken, 'other_key')).toBe(false);
    expect(isDatabaseUnavailable(taken)).toBe(false);
    const wrong = await catchError(database.manager.query('select nothing'));
    expect(isUniqueViolation(wrong)).toBe(false);
    expect(isDatabaseUnavailable(wrong)).toBe(false);
  });

  it('gives rows and counts of every kind of statement', async () => {
    await database.manager.query(`delete from notes`);
    const run = (sql: string) => queryRows(database.manager, sql);
    expect(await run(`insert into notes values (3, 'a'), (4, 'b') returning id`)).toEqual([{ id: 3 }, { id: 4 }]);
    expect(await run(`update notes set text = 'c' where id = 3 returning text`)).toEqual([{ text: 'c' }]);
    expect(await run('select id from notes where id > 9')).toEqual([]);
    expect(await countAffected(database.manager, 'delete from notes where id = any($1)', [[3, 4, 5]])).toBe(2);
    expect(await run('delete from notes returning id')).toEqual([]);
  });
});
