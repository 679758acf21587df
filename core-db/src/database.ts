import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { isDatabaseUnavailable } from './database-errors.ts';
import type { DatabaseSession } from './database-session.ts';
import { allEntities } from './entities.ts';
import { allMigrations } from './migrations/index.ts';
import { createTypeormLog } from './typeorm-log.ts';

/** A pool of connections. `manager` is the session for statements outside transactions. */
export type Database = DataSource;

const DEFAULT_POOL_SIZE = 10;
const DEFAULT_CONNECT_WITHIN_MS = 30_000;
const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;

export interface DatabaseLogger {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  readonly logger: DatabaseLogger;
  /** Most connections at once; default 10. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** How long to wait for a server that cannot be reached yet, in milliseconds; default 30 s. */
  readonly connectWithinMs?: number;
  /** Ends that wait. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the pool once the server answers. It opens connections anew when the server was restarted: what ran then fails
 * (`isDatabaseUnavailable`), what comes afterwards works.
 * @throws when the server refuses the credentials, or is still away after `connectWithinMs`
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { logger, signal, connectWithinMs = DEFAULT_CONNECT_WITHIN_MS } = options;
  const database = buildDataSource(options);
  const deadline = Date.now() + connectWithinMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await database.initialize();
    } catch (err) {
      if (!isDatabaseUnavailable(err) || Date.now() + RETRY_MS > deadline) throw err;
      logger.warn({ err }, 'cannot reach the database yet');
    }
    await delay(RETRY_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** Closes all connections; waits for the statements that run. */
export async function closeDatabase(database: Database): Promise<void> {
  if (database.isInitialized) await database.destroy();
}

/** Rejects when the server does not answer, for a health check. */
export async function checkDatabase(database: Database): Promise<void> {
  await database.manager.query('select 1');
}

/**
 * Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. Everything in it goes through
 * `tx`; a statement on the pool would neither see nor share it.
 */
export async function inTransaction<Value>(
  database: Database,
  work: (tx: DatabaseSession) => Promise<Value>,
): Promise<Value> {
  return database.transaction(work);
}

function buildDataSource({ url, logger, poolSize = DEFAULT_POOL_SIZE, applicationName }: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities: [...allEntities],
    migrations: [...allMigrations],
    migrationsTableName: 'migrations',
    synchronize: false,
    // Needs rights that the Core's role does not have; ids are made by the programs.
    installExtensions: false,
    logger: createTypeormLog(logger),
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolErrorHandler: (err: unknown) => logger.warn({ err }, 'lost a database connection'),
    extra: {
      application_name: applicationName ?? 'flotilla',
      keepAlive: true,
      // Between the pool and TypeORM nobody listens for a moment, and an error that comes then would end the process. What uses the
      // connection next fails by itself.
      onConnect: (client: EventEmitter) => void client.on('error', () => undefined),
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    },
  });
}
