import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { subjects, WORKER_REPORT_INTERVAL_MS, type WorkerReport } from '@flotilla/contracts';
import { LOG_KEYS, runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import type { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { createUsageReader } from './own-usage.ts';

const MAX_HOST_LENGTH = 255;

export interface WorkerReportDeps {
  readonly bus: BusConnection;
  readonly roles: readonly string[];
  readonly figures: readonly ConsumerFigures[];
  readonly logger: Logger;
}

/**
 * Tells every few seconds how this process does, until the signal aborts. On core NATS: nobody need hear it, and the next
 * report replaces a lost one.
 */
export function runWorkerReport(deps: WorkerReportDeps, signal: AbortSignal): { readonly finished: Promise<void> } {
  const { bus, roles, figures, logger } = deps;
  const workerId = randomUUID();
  const startedAt = new Date().toISOString();
  const readUsage = createUsageReader();
  return runPeriodically(
    async () => {
      if (!bus.isConnected()) return;
      const report: WorkerReport = {
        workerId,
        host: hostname().slice(0, MAX_HOST_LENGTH),
        pid: process.pid,
        startedAt,
        at: new Date().toISOString(),
        roles: [...roles],
        ...readUsage(),
        consumers: figures.map((consumer) => consumer.report()),
      };
      bus.nats.publish(subjects.workerReport(workerId), JSON.stringify(report));
    },
    {
      intervalMs: WORKER_REPORT_INTERVAL_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot report'),
    },
  );
}
