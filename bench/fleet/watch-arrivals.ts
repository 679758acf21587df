import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const POLL_MS = 50;

export interface Arrivals {
  /** From the sample's time until a query saw its row; too long by at most the polling pause. */
  readonly delaysMs: readonly number[];
  /** What a plain INSERT of one row took meanwhile, on a connection of its own. */
  readonly plainInsertMs: readonly number[];
}

/**
 * Watches the samples of some agents become visible in `host_metrics` until the signal aborts. Sampled and seen by one
 * clock, this machine's.
 */
export async function watchArrivals(
  databaseUrl: string,
  agentIds: readonly string[],
  signal: AbortSignal,
): Promise<Arrivals> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const newest = new Map<string, number>();
  const delaysMs: number[] = [];
  const plainInsertMs: number[] = [];
  let isFirstLook = true;
  try {
    await client.query('create temporary table plain (at timestamptz, value double precision)');
    while (!signal.aborted) {
      const before = performance.now();
      await client.query('insert into plain values (now(), 1)');
      plainInsertMs.push(performance.now() - before);

      const { rows } = await client.query<{ id: string; at: Date }>(
        `select agent_id as id, at from host_metrics
         where agent_id = any($1::uuid[]) and at > now() - interval '60 seconds' order by at`,
        [agentIds],
      );
      const now = Date.now();
      for (const { id, at } of rows) {
        const last = newest.get(id);
        if (last !== undefined && at.getTime() <= last) continue;
        // What was there at the first look says nothing of its arrival.
        if (!isFirstLook) delaysMs.push(now - at.getTime());
        newest.set(id, at.getTime());
      }
      isFirstLook = false;
      await delay(POLL_MS);
    }
  } finally {
    await client.end();
  }
  return { delaysMs, plainInsertMs };
}
