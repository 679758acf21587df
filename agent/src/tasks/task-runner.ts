import { findFieldProblems, MAX_REASON_LENGTH, task, taskType, type Task, type TaskResult } from '@flotilla/contracts';
import { LOG_KEYS, type Logger } from '@flotilla/runtime';

/** Finished tasks whose results are remembered, for a Core that delivers one again. */
const REMEMBERED_RESULTS = 500;

/** A task as it came: neither type nor payload have been looked at. */
export interface UncheckedTask {
  readonly id: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** Carries out one type of task. A rejection becomes a failed result. */
export type TaskHandler<Type extends Task['type']> = (task: Extract<Task, { type: Type }>) => Promise<TaskResult>;
export type TaskHandlers = { readonly [Type in Task['type']]: TaskHandler<Type> };

export interface TaskRunnerDeps {
  readonly handlers: TaskHandlers;
  /** Progress and results; `isFinal` asks for a heartbeat at once. */
  readonly onResult: (result: TaskResult, options: { readonly isFinal: boolean }) => void;
  readonly logger: Logger;
}

export interface TaskRunner {
  /** Starts what is new and returns at once; repeats the word on what is known. */
  readonly submit: (tasks: readonly UncheckedTask[]) => void;
  /** Resolves when nothing runs any more. */
  readonly idle: () => Promise<void>;
}

/**
 * Carries out each task once, however often it is delivered:
 *
 *     delivered ─▶ unknown type, wrong payload ─▶ failed
 *              └─▶ running ─▶ succeeded | failed
 */
export function createTaskRunner({ handlers, onResult, logger }: TaskRunnerDeps): TaskRunner {
  const results = new Map<string, TaskResult>();
  const running = new Set<Promise<void>>();

  const record = (result: TaskResult): void => {
    results.set(result.taskId, result);
    // It may hold secrets, and reading again does no harm: it is kept only until the Core has it.
    if (result.status === 'succeeded' && result.type === 'READ_CONTAINER') results.delete(result.taskId);
    onResult(result, { isFinal: result.status !== 'running' });
    for (const [id, { status }] of results) {
      if (results.size <= REMEMBERED_RESULTS) break;
      if (status !== 'running') results.delete(id);
    }
  };

  const fail = (unchecked: UncheckedTask, error: string): void => {
    const { id, type } = unchecked;
    logger.warn({ [LOG_KEYS.taskId]: id, [LOG_KEYS.taskType]: type, reason: error }, 'task failed');
    record({ taskId: id, status: 'failed', error: error.slice(0, MAX_REASON_LENGTH) });
  };

  const handle = (checked: Task): Promise<TaskResult> => {
    switch (checked.type) {
      case 'UPDATE_NGINX':
        return handlers.UPDATE_NGINX(checked);
      case 'SCALE':
        return handlers.SCALE(checked);
      case 'READ_CONTAINER':
        return handlers.READ_CONTAINER(checked);
    }
  };

  const run = async (checked: Task): Promise<void> => {
    try {
      record(await handle(checked));
    } catch (error) {
      logger.error({ err: error, [LOG_KEYS.taskId]: checked.id }, 'task handler failed');
      fail(checked, error instanceof Error ? error.message || error.name : String(error));
    }
  };

  const start = (unchecked: UncheckedTask): void => {
    if (!taskType.safeParse(unchecked.type).success) {
      const known = taskType.options.join(', ');
      fail(unchecked, `this agent does not know tasks of type ${unchecked.type}, only ${known}; update the agent`);
      return;
    }
    const parsed = task.safeParse(unchecked);
    if (!parsed.success) {
      const problems = findFieldProblems(parsed.error).map(({ field, message }) => `${field} ${message}`);
      fail(unchecked, `this agent cannot accept the task: ${problems.slice(0, 20).join('; ')}`);
      return;
    }
    record({ taskId: unchecked.id, status: 'running' });
    const work = run(parsed.data).finally(() => running.delete(work));
    running.add(work);
  };

  return {
    submit: (tasks) => {
      for (const unchecked of tasks) {
        const known = results.get(unchecked.id);
        if (known === undefined) start(unchecked);
        else onResult(known, { isFinal: false });
      }
    },
    idle: async () => {
      await Promise.all(running);
    },
  };
}
