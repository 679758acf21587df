import { containerMetrics, hostMetrics } from '@flotilla/contracts';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { closeDatabase, inTransaction, openDatabase, type Database } from '../database.ts';
import type { DatabaseSession } from '../database-session.ts';
import { runMigrations } from '../migrations/run-migrations.ts';

/** Any number will do, as long as all test files use the same one. */
const TEMPLATE_LOCK = 7_305_461_121;
/** What the migrations are made of. */
const MIGRATED_DIRS = ['../migrations', '../metrics'].map((dir) => join(import.meta.dirname, dir));
const silentLogger = { info: () => undefined, warn: () => undefined };

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Statements outside transactions. */
  readonly session: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  /** Closes the connections and drops the database, whoever else is connected. */
  readonly close: () => Promise<void>;
}

export interface TestDatabaseOptions {
  /** An administrator's URL of the server; default FLOTILLA_TEST_DATABASE_URL. */
  readonly serverUrl?: string;
  readonly poolSize?: number;
}

/**
 * A migrated database of one's own, in a few milliseconds: a copy of a template that the first test file makes.
 * Call it in `beforeAll`, and `close` in `afterAll`.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { serverUrl = readServerUrl(), poolSize = 5 } = options;
  const url = await withServer(serverUrl, async (server) => {
    const template = await ensureTemplate(server, serverUrl);
    return createDatabase(server, serverUrl, `template "${template}"`);
  });
  return openTestDatabase(serverUrl, url, poolSize);
}

/** A database without tables, for tests of the migrations themselves. */
export async function createEmptyTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { serverUrl = readServerUrl(), poolSize = 5 } = options;
  const url = await withServer(serverUrl, (server) => createDatabase(server, serverUrl, 'template template0'));
  return openTestDatabase(serverUrl, url, poolSize);
}

async function openTestDatabase(serverUrl: string, url: string, poolSize: number): Promise<TestDatabase> {
  const database = await openDatabase({ url, logger: silentLogger, poolSize, applicationName: 'test' });
  return {
    url,
    database,
    session: database.manager,
    inTransaction: (work) => inTransaction(database, work),
    close: async () => {
      await closeDatabase(database);
      const { pathname } = new URL(url);
      await withServer(serverUrl, (server) => server.query(`drop database "${pathname.slice(1)}" with (force)`));
    },
  };
}

function readServerUrl(): string {
  const url = process.env['FLOTILLA_TEST_DATABASE_URL'];
  if (!url) throw new Error('FLOTILLA_TEST_DATABASE_URL is not set: run this test in the vitest project "int"');
  return url;
}

async function withServer<Value>(serverUrl: string, work: (server: Client) => Promise<Value>): Promise<Value> {
  const server = new Client({ connectionString: serverUrl });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}

async function createDatabase(server: Client, serverUrl: string, source: string): Promise<string> {
  const name = `flotilla_test_${randomBytes(6).toString('hex')}`;
  await server.query(`create database "${name}" ${source}`);
  return withDatabaseName(serverUrl, name);
}

/** Makes the template unless it is there. Its name depends on the migrations' text, so an old one is never taken. */
async function ensureTemplate(server: Client, serverUrl: string): Promise<string> {
  const name = `flotilla_template_${await hashMigrations()}`;
  await server.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const found = await server.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await buildTemplate(server, serverUrl, name);
  } finally {
    await server.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
  return name;
}

async function hashMigrations(): Promise<string> {
  const hash = createHash('sha256');
  for (const dir of MIGRATED_DIRS) {
    for (const file of (await readdir(dir)).toSorted()) hash.update(await readFile(join(dir, file)));
  }
  // Their columns follow from these.
  hash.update(JSON.stringify([hostMetrics, containerMetrics]));
  return hash.digest('hex').slice(0, 12);
}

/** Built under another name, so that a template that was not finished is never taken for one. */
async function buildTemplate(server: Client, serverUrl: string, name: string): Promise<void> {
  const draft = `${name}_draft`;
  await server.query(`drop database if exists "${draft}" with (force)`);
  await server.query(`create database "${draft}" template template0`);
  const database = await openDatabase({ url: withDatabaseName(serverUrl, draft), logger: silentLogger, poolSize: 1 });
  await runMigrations(database, silentLogger);
  await closeDatabase(database);
  await server.query(`alter database "${draft}" rename to "${name}"`);
}

function withDatabaseName(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
