import type { DesiredState, Task, TaskState, TaskSummary, TaskType } from '@flotilla/contracts';
import { countAffected, queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';
import { selectPage, type PageQuery, type SelectedPage } from '../paging/select-page.ts';
import { storableJson, storableText } from '../storable-text.ts';
import type { TaskRow } from './task.entity.ts';

export type TaskRecord = Omit<TaskSummary, 'createdAt' | 'deliveredAt' | 'finishedAt'> &
  Pick<TaskRow, 'createdAt' | 'deliveredAt' | 'finishedAt'>;

export interface TaskFilters extends PageQuery {
  readonly agentId?: string | undefined;
  readonly state?: TaskState | undefined;
  readonly type?: TaskType | undefined;
}

type ReadContainerPayload = Extract<Task, { readonly type: 'READ_CONTAINER' }>['payload'];
type ScalePayload = Extract<Task, { readonly type: 'SCALE' }>['payload'];
/** As it was stored: secrets in it are sealed. */
export type DeliveredTask = Task;
export interface LockedTask extends Pick<TaskRow, 'id' | 'type' | 'state' | 'revision'> {
  readonly hasResult: boolean;
  /** A later task of the same type has a result already, so that this one's comes too late to count. */
  readonly isOvertaken: boolean;
}

/** Ends the tasks of an agent's earlier desired states, also those that it has begun: brought back, they would undo it. */
export async function supersedeDesiredStateTasks(tx: DatabaseSession, agentId: string): Promise<void> {
  await tx.query(
    `update tasks set state = 'superseded', lease_until = null, finished_at = now(),
       outcome = 'A newer configuration took its place.'
     where agent_id = $1 and type = 'UPDATE_NGINX' and state in ('pending', 'delivered', 'running')`,
    [agentId],
  );
}

export async function insertDesiredStateTask(
  tx: DatabaseSession,
  { agentId, desired, createdBy }: { agentId: string; desired: DesiredState; createdBy: string },
): Promise<void> {
  await tx.query(
    `insert into tasks (id, agent_id, type, state, payload, revision, created_by)
     values ($1, $2, 'UPDATE_NGINX', 'pending', $3, $4, $5)`,
    [newId(), agentId, JSON.stringify(desired), desired.revision, createdBy],
  );
}

/**
 * Makes a number of replicas the newest that an agent is told for a service. Earlier ones that are not finished are superseded:
 * the number is absolute.
 */
export async function insertScaleTask(
  tx: DatabaseSession,
  { agentId, payload, createdBy }: { agentId: string; payload: ScalePayload; createdBy: string },
): Promise<void> {
  await tx.query(
    `update tasks set state = 'superseded', lease_until = null, finished_at = now(),
       outcome = 'A newer number of replicas took its place.'
     where agent_id = $1 and type = 'SCALE' and state in ('pending', 'delivered', 'running')
       and payload->>'serviceId' = $2`,
    [agentId, payload.serviceId],
  );
  await tx.query(
    `insert into tasks (id, agent_id, type, state, payload, created_by) values ($1, $2, 'SCALE', 'pending', $3, $4)`,
    [newId(), agentId, JSON.stringify(payload), createdBy],
  );
}

/** @param id the task's, by which its answer is found */
export async function insertReadContainerTask(
  tx: DatabaseSession,
  {
    id,
    agentId,
    payload,
    createdBy,
  }: Pick<TaskRow, 'id' | 'agentId' | 'createdBy'> & { payload: ReadContainerPayload },
): Promise<void> {
  await tx.query(
    `insert into tasks (id, agent_id, type, state, payload, created_by)
     values ($1, $2, 'READ_CONTAINER', 'pending', $3, $4)`,
    [id, agentId, JSON.stringify(payload), createdBy],
  );
}

/** Where a task stands; null when it is gone, with its agent. */
export async function findTaskEnd(db: DatabaseSession, id: string): Promise<Pick<TaskRow, 'state' | 'outcome'> | null> {
  const [row] = await queryRows<Pick<TaskRow, 'state' | 'outcome'>>(
    db,
    'select state, outcome from tasks where id = $1',
    [id],
  );
  return row ?? null;
}

/** Ends a task that has not ended: nobody waits for it any more. */
export async function expireTask(db: DatabaseSession, id: string, outcome: string): Promise<void> {
  await db.query(
    `update tasks set state = 'expired', lease_until = null, finished_at = now(), outcome = $2
     where id = $1 and state in ('pending', 'delivered', 'running')`,
    [id, outcome],
  );
}

/**
 * Hands an agent its pending tasks, oldest first, each under a lease. What another request of the same agent is being
 * handed is skipped, so that no task is delivered twice at once.
 */
export async function deliverTasks(
  tx: DatabaseSession,
  { agentId, leaseMs, limit }: { agentId: string; leaseMs: number; limit: number },
): Promise<DeliveredTask[]> {
  return queryRows(
    tx,
    `with delivered as (
       update tasks set state = 'delivered', deliveries = deliveries + 1, delivered_at = now(),
         lease_until = now() + $2 * interval '1 millisecond'
       where id = any(array(
         select id from tasks where agent_id = $1 and state = 'pending' order by created_at, id
         limit $3 for update skip locked))
       returning id, type, payload, created_at)
     select id, type, payload from delivered order by created_at, id`,
    [agentId, leaseMs, limit],
  );
}

/**
 * Makes the tasks that an agent has in its hands available again before their leases run out: the program that took them
 * is gone. @returns whether there were any
 */
export async function releaseTasks(tx: DatabaseSession, agentId: string): Promise<boolean> {
  const released = await countAffected(
    tx,
    `update tasks set state = 'pending', lease_until = null
     where agent_id = $1 and state in ('delivered', 'running')`,
    [agentId],
  );
  return released > 0;
}

/** Whether a desired state was sent to an agent by `createdBy` within the last `withinMs`. */
export async function hasRecentDesiredStateTask(
  db: DatabaseSession,
  {
    agentId,
    revision,
    createdBy,
    withinMs,
  }: { agentId: string; revision: string; createdBy: string; withinMs: number },
): Promise<boolean> {
  const rows = await queryRows(
    db,
    `select 1 as found from tasks where agent_id = $1 and revision = $2 and created_by = $3
       and created_at > now() - $4 * interval '1 millisecond' limit 1`,
    [agentId, revision, createdBy, withinMs],
  );
  return rows.length > 0;
}

/** Whether a desired state is on its way to an agent. */
export async function hasOpenDesiredStateTask(db: DatabaseSession, agentId: string): Promise<boolean> {
  const rows = await queryRows(
    db,
    `select 1 as found from tasks
     where agent_id = $1 and type = 'UPDATE_NGINX' and state in ('pending', 'delivered', 'running') limit 1`,
    [agentId],
  );
  return rows.length > 0;
}

/** A task of this agent, held until the transaction ends; null for one that is not the agent's. */
export async function lockTask(tx: DatabaseSession, id: string, agentId: string): Promise<LockedTask | null> {
  const [row] = await queryRows<LockedTask>(
    tx,
    `select id, type, state, revision, result is not null as "hasResult",
       exists (select from tasks later where later.agent_id = t.agent_id and later.type = t.type
         and (later.created_at, later.id) > (t.created_at, t.id) and later.result is not null) as "isOvertaken"
     from tasks t where id = $1 and agent_id = $2 for update`,
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
    [id, state, storableText(outcome), storableJson(result)],
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
