import pg from 'pg';
import type { Database } from '../database.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** No statement of this session waits for anything: one that takes longer means that the server is not there any more. */
const STATEMENT_TIMEOUT_MS = 5000;

/**
 * A connection of its own that holds advisory locks (PostgreSQL: explicit-locking, "session level"). The server frees them when the
 * connection ends, however it ends. Locks are pairs of numbers: a space, and a key within it.
 */
export class LockSession {
  readonly #client: pg.Client;
  readonly #lost = new AbortController();

  private constructor(client: pg.Client) {
    this.#client = client;
    const lose = (): void => this.#lost.abort();
    client.on('error', lose);
    client.on('end', lose);
  }

  /** @throws when the server cannot be reached */
  static async open(database: Database, applicationName: string): Promise<LockSession> {
    const { options } = database;
    if (options.type !== 'postgres' || options.url === undefined) throw new Error('the database has no address');
    const client = new pg.Client({
      connectionString: options.url,
      application_name: applicationName,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
    });
    const session = new LockSession(client);
    await client.connect();
    return session;
  }

  /** Aborts when the connection has ended: all locks are free for others then. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Takes a lock, unless another session has it. */
  async tryLock(space: number, key: number): Promise<boolean> {
    const { rows } = await this.#client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [
      space,
      key,
    ]);
    return rows[0]?.taken === true;
  }

  async unlock(space: number, key: number): Promise<void> {
    await this.#client.query('select pg_advisory_unlock($1, $2)', [space, key]);
  }

  /** How many locks of a space are held, by whatever session of this database. */
  async countLocks(space: number): Promise<number> {
    const { rows } = await this.#client.query<{ count: number }>(
      `select count(*)::int as count from pg_locks
       where locktype = 'advisory' and objsubid = 2 and granted and classid = $1::int::oid
         and database = (select oid from pg_database where datname = current_database())`,
      [space],
    );
    return rows[0]?.count ?? 0;
  }

  /** Ends the connection, and with it all locks. Does not reject. */
  async close(): Promise<void> {
    this.#lost.abort();
    await this.#client.end().catch(() => undefined);
  }
}
