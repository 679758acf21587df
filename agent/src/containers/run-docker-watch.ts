import type { Logger } from '@flotilla/runtime';
import { chooseBackoffMs } from '../shared/choose-backoff.ts';
import { sleep } from '../shared/sleep.ts';
import type { Inventory } from './inventory.ts';
import type { ContainerReader } from './read-containers.ts';

const BACKOFF = { firstMs: 1000, longestMs: 10_000 } as const;
/** Events tell of each change; only Docker's sentence (`Up 3 hours`) grows old without one. */
const FULL_READING_INTERVAL_MS = 300_000;

export interface DockerWatchDeps {
  readonly reader: ContainerReader;
  readonly inventory: Inventory;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface DockerWatch {
  /** Resolves when Docker has answered, or failed to, for the first time. */
  readonly firstAttempt: Promise<void>;
  /** Resolves when the signal has aborted. */
  readonly finished: Promise<void>;
}

/**
 * Keeps the inventory true:
 *
 *     connect ─▶ open events ─▶ read all ─▶ event ─▶ read what it is about ─▶ …
 *        ▲                                    │
 *        └── back off 1…10 s ◀── connection ends, or Docker is not there
 */
export function runDockerWatch({ reader, inventory, logger, signal }: DockerWatchDeps): DockerWatch {
  const first = Promise.withResolvers<void>();
  let failuresInARow = 0;

  /** Follows Docker until the connection ends, and says how it ended. */
  const follow = async (session: AbortController): Promise<string> => {
    const version = await reader.readVersion(session.signal);
    // Before the first reading, so that nothing happens unseen in between.
    const events = await reader.openEvents(session.signal);
    const readAll = async (): Promise<void> =>
      inventory.replaceAll(version, await reader.readContainers(session.signal));
    await readAll();
    failuresInARow = 0;
    first.resolve();
    logger.info({ version }, 'following Docker’s containers');
    const refresher = createRefresher(async (ids) => {
      if (ids === 'all') await readAll();
      else inventory.refresh(ids, await reader.readContainers(session.signal, ids));
    }, session);
    const timer = setInterval(() => refresher.add('all'), FULL_READING_INTERVAL_MS);
    try {
      for await (const id of events) refresher.add(id);
    } finally {
      clearInterval(timer);
      await refresher.idle();
    }
    return session.signal.reason instanceof Error ? session.signal.reason.message : 'Docker closed the connection';
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      const session = new AbortController();
      const end = (): void => session.abort();
      signal.addEventListener('abort', end, { once: true });
      const reason = await follow(session).catch(describeError);
      signal.removeEventListener('abort', end);
      end();
      first.resolve();
      if (signal.aborted) return;
      failuresInARow += 1;
      logger[failuresInARow === 1 ? 'warn' : 'debug']({ reason, failuresInARow }, 'Docker cannot be followed');
      inventory.lose(reason);
      await sleep(chooseBackoffMs(BACKOFF, failuresInARow, Math.random()), signal);
    }
  };

  return { firstAttempt: first.promise, finished: loop() };
}

interface Refresher {
  readonly add: (id: string) => void;
  readonly idle: () => Promise<void>;
}

/** One reading at a time: ids that come meanwhile are read together afterwards. A failure ends the session. */
function createRefresher(read: (ids: readonly string[] | 'all') => Promise<void>, session: AbortController): Refresher {
  const waiting = new Set<string>();
  let reading: Promise<void> | null = null;

  const readWaiting = async (): Promise<void> => {
    while (waiting.size > 0 && !session.signal.aborted) {
      const ids = waiting.has('all') ? 'all' : [...waiting];
      waiting.clear();
      await read(ids);
    }
  };

  return {
    add: (id) => {
      waiting.add(id);
      reading ??= readWaiting()
        .catch((error: unknown) => session.abort(error))
        .finally(() => {
          reading = null;
        });
    },
    idle: async () => {
      await reading;
    },
  };
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOENT' ? `Docker does not run here (${error.message})` : error.message;
}
