import { randomUUID } from 'node:crypto';
import type { TaskResult } from '@flotilla/contracts';
import { createLogger } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { buildResult, REVISION } from '../testing/build-report.ts';
import { createReadContainerHandler } from './read-container.ts';
import { createScaleHandler } from './scale.ts';
import { createTaskRunner, type TaskHandlers } from './task-runner.ts';
import { createUpdateNginxHandler } from './update-nginx.ts';

const logger = createLogger({ name: 'test', level: 'fatal', destination: { write: () => undefined } });
const buildTask = (id: string = randomUUID()) => ({
  id,
  type: 'UPDATE_NGINX',
  payload: { revision: REVISION, sites: [] },
});

function buildRunner(handle: TaskHandlers['UPDATE_NGINX']) {
  const results: (TaskResult & { isFinal: boolean })[] = [];
  let handled = 0;
  const runner = createTaskRunner({
    handlers: {
      SCALE: createScaleHandler(() => Promise.resolve({ outcome: 'accepted', scaleRevision: 7 })),
      READ_CONTAINER: createReadContainerHandler(() => {
        handled += 1;
        return Promise.resolve(null);
      }),
      UPDATE_NGINX: (task) => {
        handled += 1;
        return handle(task);
      },
    },
    onResult: (result, { isFinal }) => results.push({ ...result, isFinal }),
    logger,
  });
  return { runner, results, countHandled: () => handled };
}

const succeed: TaskHandlers['UPDATE_NGINX'] = ({ id }) => Promise.resolve({ ...buildResult(), taskId: id });

describe('the task runner', () => {
  it('tells that a task runs, and how it ended', async () => {
    const { runner, results } = buildRunner(succeed);
    runner.submit([buildTask()]);
    expect(results).toMatchObject([{ status: 'running', isFinal: false }]);
    await runner.idle();
    expect(results).toMatchObject([{ status: 'running' }, { status: 'succeeded', isFinal: true }]);
  });

  it('runs a task once, and repeats its result when it is delivered again', async () => {
    const { runner, results, countHandled } = buildRunner(succeed);
    const task = buildTask();
    runner.submit([task, task]);
    runner.submit([task]);
    await runner.idle();
    runner.submit([task]);
    await runner.idle();
    expect(countHandled()).toBe(1);
    expect(results.map(({ status }) => status)).toEqual(['running', 'running', 'running', 'succeeded', 'succeeded']);
    runner.submit([buildTask()]);
    await runner.idle();
    expect(countHandled(), 'the control: another task').toBe(2);
  });

  it.each([
    ['an unknown type', { id: randomUUID(), type: 'SELF_DESTRUCT', payload: {} }, /SELF_DESTRUCT.*update the agent/],
    [
      'a payload that it does not understand',
      { ...buildTask(), payload: { revision: 'x', sites: [{}] } },
      /payload\.revision.*payload\.sites\.0/,
    ],
    ['no payload', { id: randomUUID(), type: 'UPDATE_NGINX' }, /payload/],
  ])('answers %s with the reason, and still runs the others', async (_, bad, reason) => {
    const { runner, results, countHandled } = buildRunner(succeed);
    runner.submit([bad, buildTask()]);
    await runner.idle();
    expect(results[0]).toMatchObject({ taskId: bad.id, status: 'failed', isFinal: true });
    expect(results[0]).toHaveProperty('error', expect.stringMatching(reason));
    expect(countHandled()).toBe(1);
  });

  it('turns what a handler throws into a failed result', async () => {
    const { runner, results } = buildRunner(() => Promise.reject(new Error('the disk is full')));
    runner.submit([buildTask()]);
    await runner.idle();
    expect(results.at(-1)).toMatchObject({ status: 'failed', error: 'the disk is full' });
  });
});

describe('SCALE', () => {
  it('is carried out by its own handler', async () => {
    const { runner, results, countHandled } = buildRunner(succeed);
    runner.submit([
      { id: randomUUID(), type: 'SCALE', payload: { serviceId: randomUUID(), scaleRevision: 7, count: 3 } },
    ]);
    await runner.idle();
    expect(results.at(-1)).toMatchObject({ type: 'SCALE', result: { outcome: 'accepted', scaleRevision: 7 } });
    expect(countHandled()).toBe(0);
  });

  it.each([-1, 101, 1.5])('refuses a count of %d', async (count) => {
    const { runner, results } = buildRunner(succeed);
    runner.submit([{ id: randomUUID(), type: 'SCALE', payload: { serviceId: randomUUID(), scaleRevision: 1, count } }]);
    await runner.idle();
    expect(results).toMatchObject([{ status: 'failed', error: expect.stringContaining('payload.count') as string }]);
  });
});

describe('READ_CONTAINER', () => {
  it('is read again when it is delivered again: what was read is not kept here', async () => {
    const { runner, results, countHandled } = buildRunner(succeed);
    const task = { id: randomUUID(), type: 'READ_CONTAINER', payload: { container: 'shop_web_1' } };
    runner.submit([task, task]);
    await runner.idle();
    expect(countHandled(), 'twice at once').toBe(1);
    runner.submit([task]);
    await runner.idle();
    expect(countHandled()).toBe(2);
    expect(results.at(-1)).toMatchObject({ type: 'READ_CONTAINER', result: { outcome: 'not_found' } });
  });
});

describe('UPDATE_NGINX', () => {
  const task = { ...buildTask(), type: 'UPDATE_NGINX' as const };

  it('reports what nginx said', async () => {
    const { result } = buildResult(1);
    expect(await createUpdateNginxHandler(() => Promise.resolve(result))(task)).toEqual({
      taskId: task.id,
      status: 'succeeded',
      type: 'UPDATE_NGINX',
      result,
    });
  });

  it('says when a newer one came first', async () => {
    const handle = createUpdateNginxHandler(() => Promise.resolve({ outcome: 'superseded' }));
    expect(await handle(task)).toMatchObject({ status: 'failed', error: expect.stringContaining('newer') as string });
  });
});
