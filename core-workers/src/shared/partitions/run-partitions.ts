import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PARTITIONS } from '@flotilla/contracts';
import { LockSession, type Database } from '@flotilla/core-db';
import { runPeriodically, type Logger } from '@flotilla/runtime';
import { decidePartitions } from './decide-partitions.ts';

const LOOK_EVERY_MS = 1000;
const RETRY_MS = 1000;
/** Keys of presence locks: enough that two processes do not meet. */
const KEYS = 2 ** 31 - 1;

/** Spaces of advisory locks, two a role: who has which partition, and who is there at all. */
export const lockSpaces = {
  scaling: { partitions: 7101, presence: 7102 },
  waf: { partitions: 7103, presence: 7104 },
} as const;

export interface PartitionsDeps {
  readonly database: Database;
  readonly spaces: { readonly partitions: number; readonly presence: number };
  /**
   * Works on a partition until the signal aborts, then resolves soon: another process waits for it. It is called again when it
   * rejects.
   */
  readonly work: (partition: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

export interface RunningPartitions {
  readonly finished: Promise<void>;
  /** Partitions of this process, in order. */
  readonly owned: () => readonly number[];
}

interface OwnedPartition {
  readonly ending: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Shares partitions fairly among the processes of a role. Who holds a partition's lock works on it:
 *
 *     open session ─▶ every second: count who is there ─▶ give up what is too much · take what is free
 *        ▲                                                     │
 *        └──── session lost: all work stops at once ◀──────────┘
 *
 * A process that is killed loses its session, and with it all locks: the others take over at their next look.
 */
export function runPartitions(deps: PartitionsDeps, signal: AbortSignal): RunningPartitions {
  const owned = new Map<number, OwnedPartition>();
  const run = async (): Promise<void> => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const session = await LockSession.open(deps.database, 'core-workers locks');
        attempt = 0;
        await hold(session, owned, deps, signal);
      } catch (err) {
        deps.logger[attempt === 1 ? 'warn' : 'debug']({ err, attempt }, 'partitions cannot be shared');
      }
      if (!signal.aborted) await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  return { finished: run(), owned: () => [...owned.keys()].toSorted((a, b) => a - b) };
}

/** Shares partitions by one session, until it is lost or the signal aborts. */
async function hold(
  session: LockSession,
  owned: Map<number, OwnedPartition>,
  { spaces, work, logger }: PartitionsDeps,
  signal: AbortSignal,
): Promise<void> {
  const ending = AbortSignal.any([signal, session.lost]);

  const take = (partition: number): void => {
    const abort = new AbortController();
    const ended = workUntilAborted(partition, AbortSignal.any([ending, abort.signal]), { work, logger });
    owned.set(partition, { ending: abort, ended });
    logger.info({ partition, owned: owned.size }, 'took a partition');
  };

  const give = async (partition: number): Promise<void> => {
    const current = owned.get(partition);
    current?.ending.abort();
    await current?.ended;
    owned.delete(partition);
    await session.unlock(spaces.partitions, partition);
    logger.info({ partition, owned: owned.size }, 'gave a partition up');
  };

  const look = async (): Promise<void> => {
    const workers = await session.countLocks(spaces.presence);
    const { release, mayTake } = decidePartitions({ total: PARTITIONS, owned: [...owned.keys()], workers });
    for (const partition of release) await give(partition);
    let left = mayTake;
    // Each begins elsewhere, so that they do not all try the same ones first.
    const first = randomInt(PARTITIONS);
    for (let step = 0; step < PARTITIONS && left > 0 && !ending.aborted; step += 1) {
      const partition = (first + step) % PARTITIONS;
      if (owned.has(partition) || !(await session.tryLock(spaces.partitions, partition))) continue;
      take(partition);
      left -= 1;
    }
  };

  try {
    // A key that somebody has already is drawn again; it would only be counted once.
    while (!(await session.tryLock(spaces.presence, randomInt(KEYS)))) ending.throwIfAborted();
    const loop = runPeriodically(look, {
      intervalMs: LOOK_EVERY_MS,
      signal: ending,
      jitter: 0.1,
      onError: (err) => {
        if (ending.aborted) return;
        // Whether the locks are still held is not known then; with another session it is.
        logger.warn({ err }, 'the session that holds the partitions is given up');
        void session.close();
      },
    });
    await loop.finished;
  } finally {
    await session.close();
    await Promise.all([...owned.values()].map(({ ended }) => ended));
    owned.clear();
  }
}

/** Work that fails begins anew, as long as the partition is held. */
async function workUntilAborted(
  partition: number,
  signal: AbortSignal,
  { work, logger }: Pick<PartitionsDeps, 'work' | 'logger'>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work(partition, signal);
    } catch (err) {
      if (!signal.aborted) logger.warn({ err, partition }, 'work on a partition failed');
    }
    if (!signal.aborted) await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
