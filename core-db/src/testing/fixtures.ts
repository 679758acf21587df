import { agentEntity, type AgentRow } from '../agents/agent.entity.ts';
import type { DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import { taskEntity, type TaskRow } from '../tasks/task.entity.ts';

/** Stores an agent; what is not given is of an agent that has just registered. */
export async function insertTestAgent(db: DatabaseSession, change: Partial<AgentRow> = {}): Promise<string> {
  const id = change.id ?? newId();
  const row = { name: `agent-${id}`, apiKeyHash: `hash-${id}`, version: '0.1.0', ...change, id };
  await db.createQueryBuilder().insert().into(agentEntity).values(row).execute();
  return id;
}

/** Stores a pending task without sites; needs its agent. */
export async function insertTestTask(
  db: DatabaseSession,
  change: Partial<TaskRow> & Pick<TaskRow, 'agentId'>,
): Promise<string> {
  const id = change.id ?? newId();
  const payload = { revision: '0'.repeat(64), sites: [] };
  const row = { type: 'UPDATE_NGINX', state: 'pending', payload, createdBy: 'test', ...change, id } as const;
  await db.createQueryBuilder().insert().into(taskEntity).values(row).execute();
  return id;
}
