import type { DesiredState, TaskResult, UpdateNginxResult } from '@flotilla/contracts';
import type { TaskHandler } from './task-runner.ts';

export interface UpdateNginxDeps {
  /** Puts a desired state in place; the newest wins, one that it overtook says so. */
  readonly apply: (desired: DesiredState) => Promise<UpdateNginxResult | { readonly outcome: 'superseded' }>;
  readonly onResult: (result: TaskResult) => void;
}

export interface UpdateNginx {
  readonly handle: TaskHandler<'UPDATE_NGINX'>;
  /** Something changed without a task: the newest task's result is corrected. */
  readonly reportChange: (result: UpdateNginxResult) => void;
}

/** UPDATE_NGINX: the payload is the whole desired state, so applying it twice changes nothing. */
export function createUpdateNginx({ apply, onResult }: UpdateNginxDeps): UpdateNginx {
  let newest: { readonly taskId: string; readonly revision: string } | null = null;

  const succeed = (taskId: string, result: UpdateNginxResult): TaskResult => ({
    taskId,
    status: 'succeeded',
    type: 'UPDATE_NGINX',
    result,
  });

  return {
    handle: async ({ id, payload }) => {
      newest = { taskId: id, revision: payload.revision };
      const outcome = await apply(payload);
      return outcome.outcome === 'superseded'
        ? { taskId: id, status: 'failed', error: 'a newer configuration came before this one was applied' }
        : succeed(id, outcome);
    },
    reportChange: (result) => {
      // After a restart the task is not known; the heartbeat's revision then says what serves.
      if (newest?.revision === result.revision) onResult(succeed(newest.taskId, result));
    },
  };
}
