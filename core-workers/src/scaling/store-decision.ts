import { subjects } from '@flotilla/contracts';
import { commitScale, inTransaction, insertScalingDecision, recordEvents, type Database } from '@flotilla/core-db';
import { LOG_KEYS, type BusConnection, type Logger } from '@flotilla/runtime';
import type { CommitPlan } from './plan-commit.ts';

export interface StoreDeps {
  readonly database: Database;
  readonly bus: BusConnection;
  readonly logger: Logger;
}

/**
 * Stores a decision with all that comes of it in one transaction, and wakes the nodes that have something to do after it.
 * @returns the service's scale revision; null when the number or the policy is another one by now
 * @throws what the database throws
 */
export async function storeDecision(deps: StoreDeps, plan: CommitPlan): Promise<number | null> {
  if (plan.kind === 'record') {
    await inTransaction(deps.database, async (tx) => {
      const isNew = await insertScalingDecision(tx, plan.decision, plan.scaleRevision);
      if (isNew) await recordEvents(tx, plan.events);
    });
    return plan.scaleRevision;
  }
  const scaleRevision = await inTransaction(deps.database, (tx) => commitScale(tx, plan.commit));
  if (scaleRevision !== null) for (const { agentId } of plan.commit.nodes) wakeAgent(deps, agentId);
  return scaleRevision;
}

/** Only a hint: a node that does not hear it polls. */
function wakeAgent({ bus, logger }: StoreDeps, agentId: string): void {
  try {
    bus.nats.publish(subjects.agentWake(agentId));
  } catch (err) {
    logger.warn({ err, [LOG_KEYS.agentId]: agentId }, 'could not wake the agent');
  }
}
