import type { DesiredState, UpdateNginxResult } from '@flotilla/contracts';
import type { TaskHandler } from './task-runner.ts';

/** Puts a desired state in place; the newest wins, one that it overtook says so. */
export type ApplyDesiredState = (
  desired: DesiredState,
) => Promise<UpdateNginxResult | { readonly outcome: 'superseded' }>;

/** UPDATE_NGINX: the payload is the whole desired state, so applying it twice changes nothing. */
export function createUpdateNginxHandler(apply: ApplyDesiredState): TaskHandler<'UPDATE_NGINX'> {
  return async ({ id, payload }) => {
    const result = await apply(payload);
    return result.outcome === 'superseded'
      ? { taskId: id, status: 'failed', error: 'a newer configuration came before this one was applied' }
      : { taskId: id, status: 'succeeded', type: 'UPDATE_NGINX', result };
  };
}
