import type { Site } from '@flotilla/contracts';
import { runPeriodically, type Logger } from '@flotilla/runtime';
import PQueue from 'p-queue';
import type { CertificateStore } from './certificate-store.ts';

const RETRY_INTERVAL_MS = 15_000;
const AT_ONCE = 4;

export interface CertificatesDeps {
  readonly store: CertificateStore;
  /** Asks the Core. @throws CoreUnavailableError, CoreRefusalError */
  readonly fetch: (hash: string) => Promise<string>;
  /** Certificates came that sites wait for. */
  readonly onArrived: () => void;
  readonly retryIntervalMs?: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Certificates {
  /**
   * Gets what sites are to be served with, as far as it is not here; removes what none needs. Never rejects: what could not be had
   * is tried again, and its sites go on as they were.
   */
  readonly prepare: (sites: readonly Pick<Site, 'certificateHash'>[]) => Promise<void>;
  readonly finished: Promise<void>;
}

/** Keeps the certificates of this node’s sites here, so that they serve without the Core. */
export function startCertificates(deps: CertificatesDeps): Certificates {
  const { store, fetch, onArrived, logger, signal } = deps;
  const queue = new PQueue({ concurrency: AT_ONCE });
  let wanted: ReadonlySet<string> = new Set();
  let missing: readonly string[] = [];

  const get = async (hash: string): Promise<boolean> => {
    if (!wanted.has(hash) || signal.aborted) return false;
    try {
      await store.write(hash, await fetch(hash));
      return true;
    } catch (err) {
      logger.warn({ err, hash }, 'a certificate could not be had; trying again');
      return false;
    }
  };

  const getAll = async (hashes: readonly string[]): Promise<string[]> => {
    const got = await Promise.all(hashes.map((hash) => queue.add(() => get(hash))));
    return hashes.filter((_, index) => got[index] === true);
  };

  const retry = async (): Promise<void> => {
    if (missing.length === 0) return;
    const arrived = new Set(await getAll(missing));
    missing = missing.filter((hash) => !arrived.has(hash));
    if (arrived.size > 0) onArrived();
  };

  const loop = runPeriodically(retry, {
    intervalMs: deps.retryIntervalMs ?? RETRY_INTERVAL_MS,
    signal,
    isFirstRunDelayed: true,
    onError: (err) => logger.error({ err }, 'certificates could not be looked after'),
  });

  const prepare = async (sites: readonly Pick<Site, 'certificateHash'>[]): Promise<void> => {
    const own = new Set(sites.flatMap(({ certificateHash }) => certificateHash ?? []));
    wanted = own;
    const present = await store.list();
    for (const hash of present) if (!wanted.has(hash)) await store.remove(hash);
    const lacking = [...own].filter((hash) => !present.has(hash));
    const arrived = new Set(await getAll(lacking));
    // Unless a newer call has begun meanwhile.
    if (wanted === own) missing = lacking.filter((hash) => !arrived.has(hash));
  };

  return {
    prepare: (sites) =>
      prepare(sites).catch((err: unknown) => logger.error({ err }, 'the folder of certificates cannot be used')),
    finished: loop.finished,
  };
}
