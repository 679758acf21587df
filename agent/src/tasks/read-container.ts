import type { ContainerTemplate } from '@flotilla/contracts';
import type { TaskHandler } from './task-runner.ts';

/** @throws when Docker cannot be asked; null when it has no such container */
export type ReadContainer = (container: string) => Promise<ContainerTemplate | null>;

/** READ_CONTAINER: it changes nothing, so that a repeat reads again. */
export function createReadContainerHandler(read: ReadContainer): TaskHandler<'READ_CONTAINER'> {
  return async ({ id, payload }) => {
    const template = await read(payload.container);
    const result = template === null ? ({ outcome: 'not_found' } as const) : ({ outcome: 'read', template } as const);
    return { taskId: id, status: 'succeeded', type: 'READ_CONTAINER', result };
  };
}
