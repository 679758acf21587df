import type { Site } from '@flotilla/contracts';
import { runPeriodically, type Logger } from '@flotilla/runtime';
import PQueue from 'p-queue';
import { chooseBackoffMs } from '../shared/choose-backoff.ts';
import { CoreRefusalError } from '../shared/core-errors.ts';
import { sleep } from '../shared/sleep.ts';
import type { ErrorPageStore } from './error-page-store.ts';
import { listPageHashes } from './list-page-hashes.ts';

/** A new configuration waits for its pages, but not for long: sites matter more. */
const PREPARE_ROUNDS = 3;
const PREPARE_LIMIT_MS = 10_000;
const BACKOFF = { firstMs: 300, longestMs: 2000 };
/** What could not be fetched is tried again, for as long as a site wants it. */
const RETRY_INTERVAL_MS = 30_000;
const AT_ONCE = 4;

type SitePages = Pick<Site, 'errorPageHashes'>;

export interface ErrorPagesDeps {
  readonly store: ErrorPageStore;
  /** @throws CoreRefusalError, CoreUnavailableError, or the signal's reason */
  readonly fetchPage: (hash: string, signal: AbortSignal) => Promise<string>;
  /** What nginx is to serve, whether it does or not. */
  readonly listSites: () => readonly SitePages[];
  /** Pages have come that sites were served without. */
  readonly onArrived: () => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly retryIntervalMs?: number;
}

export interface ErrorPagesFigures {
  readonly fetched: number;
  readonly failures: number;
}

export interface ErrorPages {
  /**
   * Fetches what is missing, before a configuration that needs it is rendered. Resolves also when not all of it came: the sites
   * are then served without, and it is tried again every half minute. Never rejects.
   */
  readonly prepare: (sites: readonly SitePages[]) => Promise<void>;
  /** Removes what no site wants any more. */
  readonly settle: (sites: readonly SitePages[]) => Promise<void>;
  readonly figures: () => ErrorPagesFigures;
  /** Resolves after the signal, when nothing runs any more. */
  readonly finished: Promise<void>;
}

export function startErrorPages(deps: ErrorPagesDeps): ErrorPages {
  const { store, logger, signal } = deps;
  // One fetch a page, however many ask for it at once.
  const underWay = new Map<string, Promise<boolean>>();
  const queue = new PQueue({ concurrency: AT_ONCE });
  const told = new Set<string>();
  let fetched = 0;
  let failures = 0;

  const listMissing = (sites: readonly SitePages[]): string[] =>
    [...listPageHashes(sites)].filter((hash) => !store.has(hash));

  /** @returns whether it is worth trying again soon */
  const fetchOne = async (hash: string, ending: AbortSignal): Promise<boolean> => {
    try {
      await store.write(hash, await deps.fetchPage(hash, ending));
      fetched += 1;
      told.delete(hash);
      return false;
    } catch (error) {
      if (signal.aborted) return false;
      failures += 1;
      // Another try every 30 s is no news.
      logger[told.has(hash) ? 'debug' : 'warn']({ err: error, hash }, 'an error page could not be fetched');
      told.add(hash);
      // The Core has another desired state meanwhile, or does not know this node: it will say so again.
      return !(error instanceof CoreRefusalError);
    }
  };

  const fetchShared = (hash: string, ending: AbortSignal): Promise<boolean> => {
    const running = underWay.get(hash);
    if (running !== undefined) return running;
    const work = queue.add(() => fetchOne(hash, ending)).finally(() => underWay.delete(hash));
    underWay.set(hash, work);
    return work;
  };

  const prepare = async (sites: readonly SitePages[]): Promise<void> => {
    const ending = AbortSignal.any([signal, AbortSignal.timeout(PREPARE_LIMIT_MS)]);
    let wanted = listMissing(sites);
    for (let round = 1; wanted.length > 0 && !ending.aborted; round += 1) {
      const isWorthTrying = await Promise.all(wanted.map((hash) => fetchShared(hash, ending)));
      wanted = wanted.filter((_, index) => isWorthTrying[index] === true);
      if (wanted.length === 0 || round === PREPARE_ROUNDS) return;
      await sleep(chooseBackoffMs(BACKOFF, round, Math.random()), ending);
    }
  };

  const retry = async (): Promise<void> => {
    const missing = listMissing(deps.listSites());
    if (missing.length === 0) return;
    await Promise.all(missing.map((hash) => fetchShared(hash, signal)));
    if (missing.some(store.has)) deps.onArrived();
  };

  const loop = runPeriodically(retry, {
    intervalMs: deps.retryIntervalMs ?? RETRY_INTERVAL_MS,
    signal,
    isFirstRunDelayed: true,
    onError: (error) => logger.error({ err: error }, 'error pages could not be looked after'),
  });

  return {
    prepare,
    settle: async (sites) => {
      try {
        await store.keepOnly(listPageHashes(sites));
      } catch (error) {
        logger.warn({ err: error }, 'error pages that no site has could not be removed');
      }
    },
    figures: () => ({ fetched, failures }),
    finished: loop.finished.then(() => queue.onIdle()),
  };
}
