import type { Logger } from '@flotilla/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxDriver, Worker } from './drivers/driver.ts';

const BOUND_MS = 1000;
const STEP_MS = 10;
/** What a client on a slow line needs from its connection to its first request, TLS included. */
const OLD_WORKERS_BOUND_MS = 2000;
const OLD_WORKERS_STEP_MS = 20;

export interface HandoverDeps {
  readonly driver: NginxDriver;
  readonly workerCount: number;
  readonly logger: Logger;
}

export interface Handover {
  /** Once new workers are there, the old ones are asked to take no more connections. */
  readonly advance: () => Promise<void>;
  /** Resolves when no old worker takes connections: from then on the new configuration answers everybody. */
  readonly finish: () => Promise<void>;
}

/**
 * The change from old workers to new ones; begin it before the reload. nginx's master waits 100 ms before it retires the
 * old ones (ngx_master_process_cycle), and meanwhile the kernel hands every connection to the old. Asking them at once
 * is safe: the master handles no signal until the 100 ms are over, and by then counts them as retired itself.
 * http://nginx.org/en/docs/control.html: "Individual worker processes can be controlled with signals as well".
 */
export async function handOver(deps: HandoverDeps): Promise<Handover> {
  const { driver } = deps;
  // A worker that its master is about to start would be taken for a new one.
  const old = new Set((await waitForWorkers(deps)).map(({ processId }) => processId));
  let isAsked = false;
  return {
    advance: async () => {
      if (isAsked) return;
      const active = await readActive(driver);
      if (active.every(({ processId }) => old.has(processId))) return;
      isAsked = true;
      driver.retire(active.filter(({ processId }) => old.has(processId)));
    },
    finish: async () => {
      await waitForWorkers(deps, old);
    },
  };
}

/** Waits until all workers of the configuration are there, and none of the old ones takes connections. */
export async function waitForWorkers(
  { driver, workerCount, logger }: HandoverDeps,
  old: ReadonlySet<number> = new Set(),
): Promise<readonly Worker[]> {
  const endsAt = Date.now() + BOUND_MS;
  let active = await readActive(driver);
  while (active.length !== workerCount || active.some(({ processId }) => old.has(processId))) {
    if (Date.now() > endsAt) {
      logger.warn({ workers: active, workerCount }, 'nginx’s workers are not those of the configuration');
      return active;
    }
    await sleep(STEP_MS);
    active = await readActive(driver);
  }
  return active;
}

/**
 * Resolves when the workers that have become old since have ended, or after 2 s. An old worker answers what it has accepted,
 * and that may be a connection on which the first request is yet to come.
 * @param before ids of the workers that were old already
 */
export async function waitForOldWorkers(
  driver: NginxDriver,
  before: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<void> {
  const endsAt = Date.now() + OLD_WORKERS_BOUND_MS;
  while (Date.now() < endsAt && !signal.aborted) {
    const old = await readOld(driver);
    if ([...old].every((processId) => before.has(processId))) return;
    await sleep(OLD_WORKERS_STEP_MS);
  }
}

export async function readOld(driver: NginxDriver): Promise<ReadonlySet<number>> {
  const old = (await driver.readWorkers()).filter((worker) => worker.isShuttingDown);
  return new Set(old.map(({ processId }) => processId));
}

async function readActive(driver: NginxDriver): Promise<Worker[]> {
  return (await driver.readWorkers()).filter((worker) => !worker.isShuttingDown);
}
