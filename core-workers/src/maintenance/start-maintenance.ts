import type { Database, MetricRetention } from '@flotilla/core-db';
import { LOG_KEYS, type BusConnection, type Logger } from '@flotilla/runtime';
import { runCleanUp } from './run-clean-up.ts';
import { runMetricPartitions } from './run-metric-partitions.ts';
import { runMetricRollups } from './run-metric-rollups.ts';
import { runOfflineDetection } from './run-offline-detection.ts';
import { runOutboxRelay } from './run-outbox-relay.ts';
import { runTaskLeases } from './run-task-leases.ts';
import { runTrafficRollups } from './run-traffic-rollups.ts';
import { watchPresence } from './watch-presence.ts';

export interface MaintenanceDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
  readonly heartbeatIntervalMs: number;
  readonly metricRetention: MetricRetention;
}

/**
 * Starts the role `maintenance`; it ends when the signal aborts, and `finished` resolves when its last work is done. Each
 * part leaves rows alone that another worker holds, so that any number of processes can have this role.
 */
export function startMaintenance(deps: MaintenanceDeps, signal: AbortSignal): { readonly finished: Promise<void> } {
  const logger = deps.logger.child({ [LOG_KEYS.role]: 'maintenance' });
  const parts = [
    runOutboxRelay,
    runOfflineDetection,
    watchPresence,
    runTaskLeases,
    runCleanUp,
    runMetricPartitions,
    runMetricRollups,
    runTrafficRollups,
  ].map((run) => run({ ...deps, logger }, signal));
  return {
    finished: Promise.all(parts.map(({ finished }) => finished)).then(() => undefined),
  };
}
