import { PARTITIONS } from '@flotilla/contracts';
import type { BusConnection } from '@flotilla/runtime';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { prepareLoad, publishLoad } from './load-publisher.ts';
import { readActions, type ScaledService } from './scaled-services.ts';
import type { ScalingWorker } from './scaling-worker.ts';

const TELL_EVERY_MS = 200;
const POLL_MS = 50;
const BOUND_MS = 60_000;
export interface TakeOverDeps {
  readonly services: readonly ScaledService[];
  readonly database: pg.Client;
  readonly bus: BusConnection;
  readonly victim: ScalingWorker;
  /** Each breaches services of its own, one in each partition. */
  readonly attempt: number;
}

/**
 * Kills a worker, and then tells of one breached service in each partition again and again.
 * @returns how long it took from the kill until all of them were acted on, in milliseconds
 */
export async function measureTakeOver({ services, database, bus, victim, attempt }: TakeOverDeps): Promise<number> {
  const breached = Array.from({ length: PARTITIONS }, (_, partition) => {
    // From the end: those at the beginning were breached by the rounds.
    const service = services.filter((one) => one.partition === partition).at(-1 - attempt);
    if (service === undefined) throw new Error(`partition ${partition} has too few services`);
    return service;
  });
  const before = performance.now();
  await victim.kill();
  while (performance.now() - before < BOUND_MS) {
    await publishLoad(
      bus.jetstream,
      prepareLoad(breached, Date.now(), () => true),
    );
    await delay(TELL_EVERY_MS);
    const acted = new Set(await readActions(database));
    if (breached.every(({ id }) => acted.has(id))) return performance.now() - before;
  }
  throw new Error(`not all partitions were taken over in ${BOUND_MS} ms`);
}

/** Waits until the partitions are shared by processes in these numbers: an advisory lock stands for each, its key is its number. */
export async function untilShared(database: pg.Client, shares: readonly number[]): Promise<void> {
  const endsAt = Date.now() + BOUND_MS;
  let found = '';
  while (found !== shares.toSorted((a, b) => a - b).join()) {
    if (Date.now() > endsAt) throw new Error(`the partitions are shared by ${found} instead of ${shares.join()}`);
    await delay(POLL_MS);
    const { rows } = await database.query<{ share: number }>(
      `select count(*)::int as share from pg_locks
       where locktype = 'advisory' and objsubid = 2 and granted and objid::int8 < $1
         and database = (select oid from pg_database where datname = current_database())
       group by pid order by share`,
      [PARTITIONS],
    );
    found = rows.map(({ share }) => share).join();
  }
}
