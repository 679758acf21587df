import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerTemplateView } from '@flotilla/contracts';
import {
  expireTask,
  findAgent,
  findContainerTemplate,
  findTaskEnd,
  insertReadContainerTask,
  newId,
  type AgentRecord,
  type DatabaseSession,
  type TaskRow,
} from '@flotilla/core-db';
import { Conflict, NotFound } from '../http/index.ts';
import { formatTemplate } from './format-template.ts';

const LOOK_EVERY_MS = 100;

export interface AskForTemplateDeps {
  readonly database: DatabaseSession;
  /** Tells a node that there is something to fetch. A hint: never rejects, and polling finds it too. */
  readonly wakeAgent: (agentId: string) => void;
  /** For the node's answer. */
  readonly waitMs: number;
  readonly now: () => Date;
}

export interface WantedTemplate {
  readonly agentId: string;
  /** Name or id. */
  readonly container: string;
  readonly createdBy: string;
}

type TaskEnd = Pick<TaskRow, 'state' | 'outcome'>;

/**
 * Asks a node for the settings of one of its containers, and waits for its answer: the task is picked up through whatever process
 * the node talks to, and this one looks for what came of it.
 * @throws NotFound for a node or container that is not there; Conflict when the node is offline, does not answer in time, or
 *   cannot read it
 */
export async function askForTemplate(
  deps: AskForTemplateDeps,
  { agentId, container, createdBy }: WantedTemplate,
  signal: AbortSignal,
): Promise<Omit<ContainerTemplateView, 'expiresAt'> & { readonly expiresAt: Date }> {
  const { database, now } = deps;
  const agent = await findAgent(database, agentId);
  if (agent === null) throw new NotFound('node', agentId);
  if (agent.status === 'offline') {
    const detail = `${agent.name} is offline, so that its containers cannot be read. Start its agent, or fill the form in by hand.`;
    throw new Conflict(detail, {}, 'node-offline');
  }
  const taskId = newId();
  await insertReadContainerTask(database, { id: taskId, agentId, payload: { container }, createdBy });
  deps.wakeAgent(agentId);
  const end = await waitForEnd(deps, taskId, signal);
  if (end === null) {
    await expireTask(database, taskId, 'The node did not answer in time; nobody waits for it any more.');
    throw new Conflict(
      `${agent.name} has not answered within ${deps.waitMs / 1000} s. Try again, or fill the form in by hand.`,
      {},
      'node-silent',
    );
  }
  const found = end.state === 'succeeded' ? await findContainerTemplate(database, taskId, now()) : null;
  if (found === null) throw describeFailure(agent, container, end);
  return { ...formatTemplate(found.template), templateId: taskId, expiresAt: found.expiresAt };
}

/** @returns null when the time is over, or the caller has left */
async function waitForEnd(
  { database, waitMs }: AskForTemplateDeps,
  taskId: string,
  signal: AbortSignal,
): Promise<TaskEnd | null> {
  const deadlineMs = performance.now() + waitMs;
  while (performance.now() < deadlineMs && !signal.aborted) {
    const task = await findTaskEnd(database, taskId);
    if (task === null) return { state: 'expired', outcome: 'The node was removed meanwhile.' };
    if (task.state !== 'pending' && task.state !== 'delivered' && task.state !== 'running') return task;
    // Aborted it ends at once, and so does the loop.
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

/** A task that succeeded without a template has found no container. */
function describeFailure({ name }: AgentRecord, container: string, { state, outcome }: TaskEnd): Error {
  if (state === 'succeeded') return new NotFound(`container on ${name} that is called`, container);
  return new Conflict(
    `${name} could not read ${container}: ${outcome ?? 'it gave no reason'}`,
    {},
    'container-unreadable',
  );
}
