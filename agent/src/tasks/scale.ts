import type { ScaleResult } from '@flotilla/contracts';
import type { TaskHandler } from './task-runner.ts';

/** Keeps a number of replicas; resolves when it is on disk. */
export type ApplyScale = (
  serviceId: string,
  scale: { readonly scaleRevision: number; readonly count: number },
) => Promise<ScaleResult>;

/** SCALE: the number is absolute, so applying it twice changes nothing; reports tell how far the replicas are. */
export function createScaleHandler(apply: ApplyScale): TaskHandler<'SCALE'> {
  return async ({ id, payload: { serviceId, scaleRevision, count } }) => {
    const result = await apply(serviceId, { scaleRevision, count });
    return { taskId: id, status: 'succeeded', type: 'SCALE', result };
  };
}
