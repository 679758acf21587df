import { subjects } from '@flotilla/contracts';
import {
  inTransaction,
  insertBans,
  listOnlineAgentIds,
  newId,
  recordEvents,
  type Database,
  type DatabaseSession,
} from '@flotilla/core-db';
import type { BusConnection, Logger } from '@flotilla/runtime';
import type { DecisionRecord } from './plan-ban.ts';

export interface StoreBanDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
}

/**
 * Stores a decision with its event in one transaction, and wakes the nodes that it is for after it. One that is there already (two
 * owners of a partition for a moment, a replay) changes nothing and tells nothing.
 * @throws what the database throws
 */
export async function storeBan(deps: StoreBanDeps, { ban, event }: DecisionRecord): Promise<void> {
  const isNew = await inTransaction(deps.database, async (tx) => {
    const stored = ban === null || (await insertBans(tx, [{ ...ban, id: newId() }])).length > 0;
    if (stored && event !== null) await recordEvents(tx, [event]);
    return stored;
  });
  if (!isNew || ban?.state !== 'active') return;
  const nodes = ban.agentId === null ? await readOnline(deps.database.manager) : [ban.agentId];
  for (const agentId of nodes) wakeAgent(deps, agentId);
}

/** Only a hint: nodes poll. */
async function readOnline(db: DatabaseSession): Promise<readonly string[]> {
  return listOnlineAgentIds(db).catch(() => []);
}

function wakeAgent({ bus, logger }: StoreBanDeps, agentId: string): void {
  try {
    bus.nats.publish(subjects.agentWake(agentId));
  } catch (err) {
    logger.warn({ err, agentId }, 'could not wake the agent');
  }
}
