import { MISSED_HEARTBEATS_UNTIL_OFFLINE } from '@flotilla/contracts';
import { inTransaction, markSilentAgentsOffline, type Database } from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';

const LOOK_EVERY_MS = 1000;
const LONGEST_BACKOFF_MS = 10_000;

export interface OfflineDetectionDeps {
  readonly database: Database;
  readonly logger: Logger;
  readonly heartbeatIntervalMs: number;
}

/**
 * Takes agents offline that were silent for three heartbeat intervals, until the signal aborts. It begins after as long
 * a time: when the whole Core was down, agents could not be heard, and need a moment to be heard again.
 */
export function runOfflineDetection(
  deps: OfflineDetectionDeps,
  signal: AbortSignal,
): { readonly finished: Promise<void> } {
  const { logger, heartbeatIntervalMs } = deps;
  const silenceMs = MISSED_HEARTBEATS_UNTIL_OFFLINE * heartbeatIntervalMs;
  const loop = runPeriodically(
    async () => {
      loop.setIntervalMs(LOOK_EVERY_MS);
      await detectSilentAgents(deps.database, logger, silenceMs);
    },
    {
      intervalMs: silenceMs,
      isFirstRunDelayed: true,
      maxBackoffMs: LONGEST_BACKOFF_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot look for silent agents'),
    },
  );
  return loop;
}

/** One look: agents that were silent for too long are offline, each with one event. */
export async function detectSilentAgents(database: Database, logger: Logger, silenceMs: number): Promise<void> {
  const departed = await inTransaction(database, (tx) => markSilentAgentsOffline(tx, silenceMs));
  for (const { id, name, lastSeenAt } of departed) {
    const names = { [LOG_KEYS.agentId]: id, [LOG_KEYS.agentName]: name };
    logger.info({ ...names, lastSeenAt }, 'an agent is offline: it was silent for too long');
  }
}
