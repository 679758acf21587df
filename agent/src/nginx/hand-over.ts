import type { Logger } from '@flotilla/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxDriver, Worker } from './drivers/driver.ts';

const BOUND_MS = 1000;
const STEP_MS = 10;

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

async function readActive(driver: NginxDriver): Promise<Worker[]> {
  return (await driver.readWorkers()).filter((worker) => !worker.isShuttingDown);
}
