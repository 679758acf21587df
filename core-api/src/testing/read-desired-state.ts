import type { DesiredState, Task } from '@flotilla/contracts';

/** What a task has its node serve; undefined when there is no task. @throws when it is a task of another kind */
export function readDesiredState(task: Task | undefined): DesiredState | undefined {
  if (task === undefined) return undefined;
  if (task.type !== 'UPDATE_NGINX') throw new Error(`a task of the type ${task.type} has no desired state`);
  return task.payload;
}
