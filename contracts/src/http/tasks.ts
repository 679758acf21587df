import { z } from 'zod';
import { taskState } from '../tasks/task-state.ts';
import { taskType } from '../tasks/task.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

/** A task as operators see it: without its payload, with what came of it. */
export const taskSummary = z.object({
  id: entityId,
  agentId: entityId,
  agentName: z.string(),
  type: taskType,
  state: taskState,
  deliveries: z.number().int().min(0),
  createdAt: instant,
  createdBy: z.string(),
  deliveredAt: instant.nullable(),
  finishedAt: instant.nullable(),
  /** What was applied, or why it was not, in one sentence or in nginx's words. */
  outcome: z.string().nullable(),
});
export type TaskSummary = z.infer<typeof taskSummary>;

export const listTasks = defineRoute({
  method: 'get',
  path: '/api/tasks',
  access: 'viewer',
  tag: 'tasks',
  summary: 'Tasks of the agents, newest first',
  query: listQuery(['createdAt', 'finishedAt', 'state', 'type'], 'desc').extend({
    agentId: entityId.optional(),
    state: taskState.optional(),
    type: taskType.optional(),
  }),
  status: 200,
  response: page(taskSummary),
});
