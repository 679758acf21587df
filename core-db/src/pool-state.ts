import type { Database } from './database.ts';

/** Connections of the pool at this moment. */
export interface PoolState {
  readonly open: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
}

/** Null before the pool is open, and after it was closed. */
export function readPoolState(database: Database): PoolState | null {
  // TypeORM keeps pg's Pool there; the driver's type does not say so.
  const pool: unknown = 'master' in database.driver ? database.driver.master : undefined;
  if (!database.isInitialized || !isPool(pool)) return null;
  return { open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

type Pool = Readonly<Record<'totalCount' | 'idleCount' | 'waitingCount', number>>;

function isPool(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && 'totalCount' in value && typeof value.totalCount === 'number';
}
