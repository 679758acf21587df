import { listChangedServices, type Database } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';
import type { NodeRooms } from './node-rooms.ts';
import type { Partition } from './partition.ts';

/** A policy that was saved counts so soon. */
const LOOK_EVERY_MS = 1000;
/** Services that were removed are forgotten so soon. */
const READ_ALL_EVERY_MS = 60_000;
const ROOMS_EVERY_MS = 5000;
const NOTHING_SEEN = '0';

export interface WatchedPartition {
  readonly partition: Partition;
  /** What it has seen of the database, as `listChangedServices` tells it. */
  seenXid: string;
}

export interface WatchDeps {
  readonly database: Database;
  readonly logger: Logger;
  readonly rooms: NodeRooms;
  /** The partitions that are owned now. */
  readonly partitions: ReadonlyMap<number, WatchedPartition>;
}

export interface RunningWatch {
  readonly finished: Promise<void>;
  readonly lookSoon: () => void;
}

/** Tells the owned partitions what changed in the database, and how much room nodes have, until the signal aborts. */
export function watchServices(deps: WatchDeps, signal: AbortSignal): RunningWatch {
  const { database, logger, rooms, partitions } = deps;
  let readAllAt = 0;
  const onError = (what: string) => (err: unknown, attempt: number) =>
    logger.warn({ err, [LOG_KEYS.attempt]: attempt }, `cannot read ${what}`);

  const look = async (): Promise<void> => {
    const watched = new Map(partitions);
    if (watched.size === 0) return;
    const isAll = Date.now() - readAllAt >= READ_ALL_EVERY_MS;
    const sinceXid = isAll ? NOTHING_SEEN : findLowest([...watched.values()].map(({ seenXid }) => seenXid));
    const changed = await listChangedServices(database.manager, [...watched.keys()], sinceXid);
    if (isAll) readAllAt = Date.now();
    const byPartition = Map.groupBy(changed.services, ({ busPartition }) => busPartition);
    for (const [number, one] of watched) {
      const { partition } = one;
      one.seenXid = changed.seenXid;
      const services = byPartition.get(number) ?? [];
      partition.learn(services, Date.now());
      if (isAll) partition.keepOnly(new Set(services.map(({ serviceId }) => serviceId)));
    }
  };
  const changes = runPeriodically(look, {
    intervalMs: LOOK_EVERY_MS,
    maxBackoffMs: ROOMS_EVERY_MS,
    signal,
    onError: onError('what changed'),
  });
  const sizes = runPeriodically(
    () => rooms.refresh([...partitions.values()].flatMap(({ partition }) => partition.services)),
    { intervalMs: ROOMS_EVERY_MS, signal, onError: onError('the room of nodes') },
  );
  return {
    finished: Promise.all([changes.finished, sizes.finished]).then(() => undefined),
    lookSoon: changes.runSoon,
  };
}

/** Numbers of transactions have 64 bits. */
function findLowest(xids: readonly string[]): string {
  return xids.reduce((lowest, xid) => (BigInt(xid) < BigInt(lowest) ? xid : lowest));
}
