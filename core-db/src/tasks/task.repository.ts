import type { DesiredState, TaskState, TaskSummary, TaskType } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import type { TaskRow } from './task.entity.ts';

export type TaskRecord = Omit<TaskSummary, 'createdAt' | 'deliveredAt' | 'finishedAt'> &
  Pick<TaskRow, 'createdAt' | 'deliveredAt' | 'finishedAt'>;

export interface TaskFilters extends PageQuery {
  readonly agentId?: string | undefined;
  readonly state?: TaskState | undefined;
  readonly type?: TaskType | undefined;
}

export type DeliveredTask = Pick<TaskRow, 'id' | 'type' | 'payload'>;
export type LockedTask = Pick<TaskRow, 'id' | 'type' | 'state' | 'revision'>;

/** Makes a desired state the agent's newest task; older ones that it has not begun are superseded. */
export async function insertDesiredStateTask(
  tx: DatabaseSession,
  { agentId, desired, createdBy }: { agentId: string; desired: DesiredState; createdBy: string },
): Promise<void> {
  await tx.query(
    `update tasks set state = 'superseded', lease_until = null, finished_at = now(),
       outcome = 'A newer configuration took its place.'
     where agent_id = $1 and type = 'UPDATE_NGINX' and state in ('pending', 'delivered')`,
    [agentId],
  );
  await tx.query(
    `insert into tasks (id, agent_id, type, state, payload, revision, created_by)
     values ($1, $2, 'UPDATE_NGINX', 'pending', $3, $4, $5)`,
    [newId(), agentId, JSON.stringify(desired), desired.revision, createdBy],
  );
}

/**
 * Hands an agent its pending tasks, each under a lease. What another request of the same agent is being handed is
 * skipped, so that no task is delivered twice at once.
 */
export async function deliverTasks(
  tx: DatabaseSession,
  { agentId, leaseMs, limit }: { agentId: string; leaseMs: number; limit: number },
): Promise<DeliveredTask[]> {
  return queryRows(
    tx,
    `update tasks set state = 'delivered', deliveries = deliveries + 1, delivered_at = now(),
       lease_until = now() + $2 * interval '1 millisecond'
     where id = any(array(
       select id from tasks where agent_id = $1 and state = 'pending' order by created_at, id
       limit $3 for update skip locked))
     returning id, type, payload`,
    [agentId, leaseMs, limit],
  );
}

/** Whether an agent has a task that is not finished. */
export async function hasOpenTask(db: DatabaseSession, agentId: string): Promise<boolean> {
  const rows = await queryRows(
    db,
    `select 1 as found from tasks where agent_id = $1 and state in ('pending', 'delivered', 'running') limit 1`,
    [agentId],
  );
  return rows.length > 0;
}

/** A task of this agent, held until the transaction ends; null for one that is not the agent's. */
export async function lockTask(tx: DatabaseSession, id: string, agentId: string): Promise<LockedTask | null> {
  const [row] = await queryRows<LockedTask>(
    tx,
    'select id, type, state, revision from tasks where id = $1 and agent_id = $2 for update',
    [id, agentId],
  );
  return row ?? null;
}

export async function markTaskRunning(tx: DatabaseSession, id: string, leaseMs: number): Promise<void> {
  await tx.query(
    `update tasks set state = 'running', lease_until = now() + $2 * interval '1 millisecond' where id = $1`,
    [id, leaseMs],
  );
}

export async function finishTask(
  tx: DatabaseSession,
  id: string,
  { state, outcome, result }: { state: TaskState; outcome: string; result: unknown },
): Promise<void> {
  await tx.query(
    `update tasks set state = $2, outcome = $3, result = $4, finished_at = now(), lease_until = null where id = $1`,
    [id, state, outcome, JSON.stringify(result ?? null)],
  );
}

export async function listTasks(db: DatabaseSession, filters: TaskFilters): Promise<SelectedPage<TaskRecord>> {
  return selectPage(db, {
    columns: `tasks.id, tasks.agent_id as "agentId", agents.name as "agentName", tasks.type, tasks.state,
      tasks.deliveries, tasks.created_at as "createdAt", tasks.created_by as "createdBy",
      tasks.delivered_at as "deliveredAt", tasks.finished_at as "finishedAt", tasks.outcome`,
    from: 'tasks join agents on agents.id = tasks.agent_id',
    where: [
      ['tasks.agent_id = ?', filters.agentId],
      ['tasks.state = ?', filters.state],
      ['tasks.type = ?', filters.type],
    ],
    searched: ['agents.name', 'tasks.created_by', 'tasks.outcome'],
    sortable: {
      createdAt: 'tasks.created_at',
      finishedAt: `coalesce(tasks.finished_at, '-infinity')`,
      state: 'tasks.state',
      type: 'tasks.type',
    },
    tieBreaker: 'tasks.id',
    query: filters,
  });
}
