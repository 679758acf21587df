import { z } from 'zod';
import { entityId } from '../values/identifiers.ts';
import { readContainerResult, readContainerTask } from './read-container.ts';
import { scaleResult, scaleTask } from './scale.ts';
import { reason, updateNginxResult, updateNginxTask } from './update-nginx.ts';

/** A task as an agent receives it. */
export const task = z.discriminatedUnion('type', [updateNginxTask, scaleTask, readContainerTask]);
export type Task = z.infer<typeof task>;

export const taskType = z.enum(['UPDATE_NGINX', 'SCALE', 'READ_CONTAINER']);
export type TaskType = z.infer<typeof taskType>;

const taskReference = { taskId: entityId };

/** A task's progress as its agent reports it. `failed` is for tasks that could not be carried out at all. */
export const taskResult = z.discriminatedUnion('status', [
  z.object({ ...taskReference, status: z.literal('running') }),
  z.object({ ...taskReference, status: z.literal('failed'), error: reason }),
  z.discriminatedUnion('type', [
    z.object({
      ...taskReference,
      status: z.literal('succeeded'),
      type: z.literal('UPDATE_NGINX'),
      result: updateNginxResult,
    }),
    z.object({ ...taskReference, status: z.literal('succeeded'), type: z.literal('SCALE'), result: scaleResult }),
    z.object({
      ...taskReference,
      status: z.literal('succeeded'),
      type: z.literal('READ_CONTAINER'),
      result: readContainerResult,
    }),
  ]),
]);
export type TaskResult = z.infer<typeof taskResult>;
