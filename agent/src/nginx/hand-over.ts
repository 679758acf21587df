import type { Logger } from '@flotilla/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxDriver, Worker } from './drivers/driver.ts';

const BOUND_MS = 1000;
const STEP_MS = 10;

export interface Handover {
  /** Once new workers are there, the old ones are asked to take no more connections. */
  readonly advance: () => Promise<void>;
  /** Resolves when no old worker takes new connections: from then on the new configuration answers everybody. */
  readonly finish: () => Promise<void>;
}

/**
 * The change from old workers to new ones. nginx's master waits 100 ms before it retires the old ones
 * (ngx_master_process_cycle), and meanwhile the kernel hands every connection to the old. Asking them at once is safe:
 * the master handles no signal until the 100 ms are over, and by then counts them as retired itself.
 * http://nginx.org/en/docs/control.html: "Individual worker processes can be controlled with signals as well".
 */
export function handOver(
  before: readonly Worker[],
  { driver, logger }: { readonly driver: NginxDriver; readonly logger: Logger },
): Handover {
  const old = new Set(before.filter((worker) => !worker.isShuttingDown).map(({ processId }) => processId));
  let isAsked = false;

  const readActive = async (): Promise<readonly Worker[]> =>
    (await driver.readWorkers()).filter((worker) => !worker.isShuttingDown);

  return {
    advance: async () => {
      if (isAsked) return;
      const active = await readActive();
      if (active.every(({ processId }) => old.has(processId))) return;
      isAsked = true;
      driver.retire(active.filter(({ processId }) => old.has(processId)));
    },
    finish: async () => {
      for (const endsAt = Date.now() + BOUND_MS; Date.now() < endsAt; await sleep(STEP_MS)) {
        if (!(await readActive()).some(({ processId }) => old.has(processId))) return;
      }
      logger.warn('workers of the earlier configuration still take connections');
    },
  };
}
