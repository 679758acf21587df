import { randomUUID } from 'node:crypto';
import type {
  ContainerTemplate,
  ContainerTemplateView,
  HeartbeatResponse,
  Task,
  TaskResult,
} from '@flotilla/contracts';
import { queryRows } from '@flotilla/core-db';
import { expect } from 'vitest';
import type { TestApi } from '../../testing/start-test-api.ts';

/** Values of variables that must be seen by their node only. */
export const SECRET = 'correct horse battery staple';
export const OTHER_SECRET = 'another value of the container';
export const BOUND = { timeout: 20_000, interval: 20 };

type ReadingTask = Task & { type: 'READ_CONTAINER' };

export const shopTemplate: ContainerTemplate = {
  containerId: 'c'.repeat(64),
  name: 'shop_web_1',
  container: {
    image: 'ghcr.io/shop/web:1.4',
    pull: 'missing',
    entrypoint: null,
    command: ['serve'],
    user: '1000',
    workingDirectory: null,
    environment: [
      { name: 'API_KEY', value: SECRET },
      { name: 'MODE', value: OTHER_SECRET },
    ],
    volumes: [{ source: '/srv', target: '/data', readOnly: true }],
    network: 'shop_default',
    cpuLimit: 0.5,
    memoryLimitBytes: 2 ** 26,
    labels: [],
    stopSignal: null,
    stopGraceMs: 10_000,
    health: { kind: 'image' },
  },
  ports: [8080],
  untaken: [{ setting: 'privileged', detail: null, reason: 'Replicas are never privileged.' }],
};

/** What an agent says when it has read a container. */
export function reportRead(taskId: string, template: ContainerTemplate = shopTemplate): TaskResult {
  return { taskId, status: 'succeeded', type: 'READ_CONTAINER', result: { outcome: 'read', template } };
}

/** A node whose containers can be asked for, as its agent would act. */
export interface TemplateNode {
  readonly agentId: string;
  /** One heartbeat; gives the tasks that it is answered with. */
  readonly beat: (taskResults?: readonly unknown[]) => Promise<Task[]>;
  /** Picks up the next task that asks for a container. */
  readonly takeTask: () => Promise<ReadingTask>;
}

export async function addTemplateNode(api: TestApi, { isOnline = true } = {}): Promise<TemplateNode> {
  const name = `node-${randomUUID()}`;
  const apiKey = await api.addAgent(name);
  const [row] = await queryRows<{ id: string }>(api.database, 'select id from agents where name = $1', [name]);
  const beat = async (taskResults: readonly unknown[] = []): Promise<Task[]> => {
    const answer = await api.call('POST', '/api/heartbeat', {
      token: apiKey,
      json: { agentVersion: '0.1.0', taskResults },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return (answer.body as HeartbeatResponse).tasks;
  };
  if (isOnline) await beat();
  const takeTask = async (): Promise<ReadingTask> => {
    let found: ReadingTask | undefined;
    const look = async (): Promise<boolean> => {
      found ??= (await beat()).find((task) => task.type === 'READ_CONTAINER');
      return found !== undefined;
    };
    await expect.poll(look, BOUND).toBe(true);
    if (found === undefined) throw new Error('the node was asked for nothing');
    return found;
  };
  return { agentId: row?.id ?? '', beat, takeTask };
}

/** Asks for a container, and whatever comes back. */
export async function ask(
  api: TestApi,
  { agentId, token, container = 'shop_web_1' }: { agentId: string; token: string; container?: string },
) {
  return api.call('POST', `/api/agents/${agentId}/containers/${container}/template`, { token });
}

/** Asks for a container of a node that answers. */
export async function askNode(api: TestApi, node: TemplateNode, token: string): Promise<ContainerTemplateView> {
  const [answer] = await Promise.all([
    ask(api, { agentId: node.agentId, token }),
    node.takeTask().then(({ id }) => node.beat([reportRead(id)])),
  ]);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as ContainerTemplateView;
}

/** As the form saves what it was filled in with: nobody touched a value. */
export function buildInput({ agentId }: TemplateNode, view: ContainerTemplateView, change: object = {}) {
  const { container, templateId, ports } = view;
  const name = `d${randomUUID()}`;
  return {
    name,
    domains: [`${name}.example.com`],
    agentIds: [agentId],
    target: { replicas: true, port: ports[0] },
    replicas: { container },
    templateId,
    ...change,
  };
}
/** Everything that the database holds as text. */
export async function readDatabase(api: TestApi): Promise<string> {
  const tables = await queryRows<{ name: string }>(
    api.database,
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const texts = await Promise.all(
    tables.map(({ name }) => queryRows<{ row: string }>(api.database, `select t::text as row from "${name}" t`)),
  );
  return texts
    .flat()
    .map(({ row }) => row)
    .join('\n');
}
